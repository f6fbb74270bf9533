//! What every store must do, asked of each of them: the one on disk and the one in memory.
//!
//! ROB-001, ROB-010, ROB-011, ROB-014, ROB-016, ROB-026, SEC-005, SEC-032 and SEC-035, as far as they are the ledger's.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may stop"
)]

#[path = "ledger/world.rs"]
mod world;

#[path = "ledger/suite/audit.rs"]
mod audit;
#[path = "ledger/suite/blobs.rs"]
mod blobs;
#[path = "ledger/suite/entries.rs"]
mod entries;
#[path = "ledger/suite/folios.rs"]
mod folios;
#[path = "ledger/suite/numbers.rs"]
mod numbers;
#[path = "ledger/suite/outbox.rs"]
mod outbox;
#[path = "ledger/suite/retention.rs"]
mod retention;

/// Makes a test of each function for each store.
macro_rules! conform {
    ($($module:ident: $($test:ident)+;)+) => {
        mod on_disk {
            $(mod $module { $(#[test] fn $test() { crate::$module::$test(&crate::world::World::on_disk()); })+ })+
        }
        mod in_memory {
            $(mod $module { $(#[test] fn $test() { crate::$module::$test(&crate::world::World::forgetful()); })+ })+
        }
    };
}

conform! {
    entries:
        an_entry_comes_back_as_it_was
        a_repetition_gets_the_first_answer_byte_for_byte
        the_same_key_with_other_content_is_a_conflict
        keys_of_two_directions_and_pairs_are_different
        copies_at_the_same_time_are_stored_once
        a_refusal_leaves_no_trace
        an_entry_that_is_not_well_formed_is_refused
        entries_of_a_folio_come_in_order
        the_newest_entries_come_first
        what_is_parked_waits_for_a_person
        nobody_sees_the_entries_of_others;
    folios:
        a_folio_is_new_and_then_changed
        a_change_from_another_version_is_stale
        a_folio_of_others_does_not_exist
        the_past_is_kept_where_it_is_asked_for
        folios_are_found_by_all_of_some_handles
        handles_are_replaced_as_a_whole
        folios_are_found_by_time_and_kind_and_in_pages
        a_handle_that_was_to_be_unused_is_refused
        folios_wake_the_most_overdue_first;
    numbers:
        control_numbers_are_unique_and_rise
        a_number_stays_with_its_message
        series_are_counted_apart
        numbers_start_again_after_the_last
        an_answer_gets_numbers_too
        a_message_is_found_by_its_number;
    outbox:
        messages_are_given_out_when_they_are_due
        a_claimed_message_is_given_to_nobody_else
        a_lease_runs_out
        a_lease_that_ran_out_still_tells_the_truth_if_nobody_else_was_sent
        what_was_delivered_is_not_sent_again
        a_failed_attempt_is_tried_again_later
        a_dead_letter_is_kept_and_can_be_revived
        only_the_spent_are_given_out_if_that_is_asked
        a_stopped_message_is_not_sent
        what_cannot_be_moved_is_refused
        a_name_is_taken_once
        lanes_tell_what_waits
        messages_are_listed_by_where_they_stand
        nobody_sees_or_moves_the_messages_of_others;
    retention:
        contents_stay_while_anything_is_open
        contents_of_what_was_settled_go
        keys_outlive_contents
        keys_are_never_kept_for_less_than_thirty_days
        the_oldest_go_when_there_is_too_much
        folios_go_with_their_last_entry
        a_time_to_come_holds_nothing_up
        blobs_go_with_the_last_reference
        the_audit_is_pruned_and_still_proves_itself;
    audit:
        events_are_chained_and_proven
        tenants_see_their_own_events;
    blobs:
        a_short_payload_stays_in_the_entry
        payloads_of_every_length_come_back
        pieces_of_every_size_make_the_same_blob
        a_blob_opens_for_its_owner_only
        an_erased_blob_is_gone
        many_blobs_at_once_do_not_mix
        a_message_may_consist_of_parts;
}
