//! Who somebody is: so far by a bearer token that both sides were given.

pub mod bearer;
