//! Whether the routes can be reached, lead to partners that can be sent such messages, and do not cross unseen.

use std::collections::HashMap;

use super::examples::Samples;
use crate::config::code;
use crate::config::document::Document;
use crate::config::lower::Lowered;
use crate::config::quantity::Day;
use crate::config::report::Complaint;
use crate::config::report::NoteKind;
use crate::config::report::Report;
use crate::config::report::View;
use crate::config::source::Origin;
use crate::config::tree::Table;
use crate::routing::delivery::delivery;
use crate::routing::key::Key;
use crate::routing::key::Message;
use crate::routing::overlap::MOST_OTHERS;
use crate::routing::overlap::Overlap;
use crate::routing::route::Condition;
use crate::routing::route::Route;
use crate::routing::route::RouteId;
use crate::routing::shadow::Reach;
use crate::routing::table::Table as RoutingTable;
use crate::routing::value::Pattern;
use crate::routing::value::Shape;
use crate::routing::value::Value;

/// Checks all routes.
pub(super) fn check(
    document: &Document,
    lowered: &Lowered,
    table: &RoutingTable,
    today: Day,
    samples: &Samples,
    report: &mut Report,
) {
    complain_of_text(&document.tree, today, report);
    let routes = Routes {
        document,
        lowered,
        table,
    };
    for (position, route) in table.routes().iter().enumerate() {
        routes.complain_of_reach(RouteId::at(position), route, report);
        routes.complain_of_partner(RouteId::at(position), route, report);
        routes.complain_of_silence(RouteId::at(position), route, report);
    }
    for overlap in table.overlaps(samples.iter().flatten()) {
        report.add(routes.complaint_of_overlap(&overlap));
    }
}

/// What can be told of the text alone: names, days, empty exceptions.
fn complain_of_text(tree: &Table, today: Day, report: &mut Report) {
    let mut names: HashMap<&str, Origin> = HashMap::new();
    for route in tree.several("route") {
        let origin = route.origin_of_key("name");
        if let Some(name) = route.text("name") {
            match names.get(name) {
                Some(first) => {
                    let text = format!("two routes have the name {name:?}");
                    report.add(Complaint::new(&code::route::SAME_NAME, origin, text).and(*first));
                }
                None => {
                    names.insert(name, origin);
                }
            }
        }
        if route
            .table("unless")
            .is_some_and(|unless| unless.entries.is_empty() && unless.whole)
        {
            let text = "`unless` without a condition excepts every message";
            report.add(
                Complaint::new(&code::route::EMPTY_UNLESS, route.origin_of_key("unless"), text)
                    .spot("leave it out"),
            );
        }
        if let Some(crate::config::tree::Value::Day(until)) = route.find("until").map(|node| &node.value)
            && *until < today
        {
            let text = format!("this route was to be removed after {until}");
            let complaint = Complaint::new(&code::route::EXPIRED, route.origin_of("until"), text).spot("");
            report.add(complaint.help("it still holds; remove it, or move its day"));
        }
    }
}

/// The routes with everything that is known of them.
struct Routes<'a> {
    document: &'a Document,
    lowered: &'a Lowered,
    table: &'a RoutingTable,
}

impl Routes<'_> {
    fn complain_of_reach(&self, id: RouteId, route: &Route, report: &mut Report) {
        match self.table.reach(id) {
            Reach::Reached(_) | Reach::Unknown => {}
            Reach::Contradictory if route.unless.is_empty() => {
                let text = "no message can match this route";
                let why = "its conditions have nothing in common";
                report.add(
                    Complaint::new(&code::route::CONTRADICTION, self.name(id), text)
                        .view(View::Text)
                        .why(why),
                );
            }
            Reach::Contradictory => {
                let text = "no message can match this route";
                let why = "`unless` excepts all that `when` asks for";
                report.add(
                    Complaint::new(&code::route::CONTRADICTION, self.name(id), text)
                        .view(View::Text)
                        .why(why),
                );
            }
            Reach::Shadowed(by) => {
                let (why, help) = self.shadow(route, &by);
                let text = "this route can never be reached";
                let complaint = Complaint::new(&code::route::SHADOWED, self.name(id), text).view(View::Text);
                report.add(complaint.why(why).help(help));
            }
        }
    }

    /// Why a route cannot be reached, and what to do.
    fn shadow(&self, route: &Route, by: &[RouteId]) -> (String, String) {
        const TAKEN: &str = "every message it matches is taken first by";
        let named = |id: &RouteId| {
            let name = self
                .table
                .routes()
                .get(id.index())
                .map_or("", |above| &*above.name);
            format!("{name:?} ({})", self.document.files.reference(self.name(*id)))
        };
        let ([only], Some(above)) = (by, by.first().and_then(|id| self.table.routes().get(id.index())))
        else {
            let all: Vec<String> = by.iter().map(named).collect();
            return (
                format!("{TAKEN} one of {}", all.join(", ")),
                "move it above them".to_owned(),
            );
        };
        let only = named(only);
        let wider = above.when.conditions().iter().find_map(|wide| {
            let narrow = route
                .when
                .conditions()
                .iter()
                .find(|narrow| narrow.name() == wide.name())?;
            (!same(wide, narrow)).then_some((wide, narrow))
        });
        match wider {
            Some((wide, narrow)) => {
                let why = format!(
                    "{TAKEN} {only}, whose `{}` covers {}",
                    written(wide),
                    values(narrow)
                );
                let there = if above.unless.is_empty() {
                    format!(", or add `unless = {{ {} }}` there", written(narrow))
                } else {
                    String::new()
                };
                (why, format!("move it above that route{there}"))
            }
            None if above.when.conditions().len() < route.when.conditions().len() => (
                format!("{TAKEN} {only}, which asks for less"),
                "move it above that route".to_owned(),
            ),
            None => (
                format!("{TAKEN} {only}, which asks for the same"),
                "remove one of the two".to_owned(),
            ),
        }
    }

    /// Complains of messages that the route sends to a partner that cannot be sent them.
    fn complain_of_partner(&self, id: RouteId, route: &Route, report: &mut Report) {
        let Some(partner) = self.table.partners().partner(route.to) else {
            return;
        };
        for message in asked_for(route) {
            if let Err(lack) = delivery(message, &partner.speaks) {
                let text = format!("`{}` cannot be sent a {}", partner.name, message.spoken());
                let origin = self.place(id).map_or(self.name(id), |place| place.to);
                report.add(Complaint::new(&code::route::CANNOT_SEND, origin, text).spot(lack.lacks()));
                return;
            }
        }
    }

    /// Complains of conditions on what the messages asked for never say.
    fn complain_of_silence(&self, id: RouteId, route: &Route, report: &mut Report) {
        let messages = asked_for(route);
        if messages.is_empty() {
            return;
        }
        for condition in route.when.conditions() {
            if messages.iter().any(|message| condition.key.is_said_by(*message)) {
                continue;
            }
            let spoken: Vec<&str> = messages.iter().map(|message| message.spoken()).collect();
            let text = format!("no {} ever says `{}`", spoken.join(" or "), condition.name());
            let complaint = Complaint::new(&code::route::NEVER_SAID, self.name(id), text).view(View::Text);
            report.add(complaint.why(format!(
                "this route can never take a message: {}",
                where_said(condition.key)
            )));
        }
    }

    fn complaint_of_overlap(&self, overlap: &Overlap) -> Complaint {
        let pair = [overlap.first, overlap.second].map(|id| self.table.routes().get(id.index()));
        let patterns: Vec<(Key, &Pattern)> = pair
            .into_iter()
            .flatten()
            .flat_map(|route| route.when.conditions())
            .flat_map(|condition| condition.patterns.iter().map(|pattern| (condition.key, pattern)))
            .collect();
        let message = overlap.example.message().map_or("message", Message::spoken);
        // In the order of the conditions, those of the first route first.
        let mut facts: Vec<_> = overlap
            .example
            .all()
            .iter()
            .filter(|fact| fact.key != Key::Message)
            .collect();
        facts.sort_by_key(|fact| patterns.iter().position(|(key, _)| *key == fact.key));
        let said: Vec<String> = facts
            .iter()
            .map(|fact| format!("{} {}", fact.key, as_written(fact.key, &fact.value, &patterns)))
            .collect();
        let example = match said.split_last() {
            None => message.to_owned(),
            Some((last, [])) => format!("{message} with {last}"),
            Some((last, others)) => format!("{message} with {} and {last}", others.join(", ")),
        };
        let text = "two routes overlap; order decides";
        let complaint = Complaint::new(&code::route::OVERLAP, self.name(overlap.first), text)
            .and(self.name(overlap.second))
            .note(
                NoteKind::Example,
                format!("a {example} goes to the first; say so with a [[test]] and this warning rests"),
            );
        let place = |id: RouteId| self.document.files.reference(self.name(id));
        let others: Vec<String> = overlap
            .others
            .iter()
            .map(|(first, second)| format!("{} and {}", place(*first), place(*second)))
            .collect();
        match others.len() {
            0 => complaint,
            MOST_OTHERS => complaint.why(format!(
                "so do others that look at the same keys: {} …",
                others.join("; ")
            )),
            _ => complaint.why(format!(
                "so do others that look at the same keys: {}",
                others.join("; ")
            )),
        }
    }

    fn place(&self, id: RouteId) -> Option<&crate::config::lower::RoutePlace> {
        self.lowered.routes.get(id.index())
    }

    fn name(&self, id: RouteId) -> Origin {
        self.place(id)
            .map_or(self.document.tree.origin, |place| place.name)
    }
}

/// The kinds of message that a route asks for; none if it does not look at the kind.
fn asked_for(route: &Route) -> Vec<Message> {
    let conditions = route
        .when
        .conditions()
        .iter()
        .filter(|condition| condition.key == Key::Message);
    conditions
        .flat_map(|condition| &condition.patterns)
        .filter_map(|pattern| Message::parse(pattern.written()))
        .collect()
}

fn where_said(key: Key) -> String {
    format!(
        "`{key}` is said in X12 by {} and in FHIR by {}",
        key.in_x12(),
        key.in_fhir()
    )
}

/// A value as somebody wrote it in a condition; a tax id is shown only so.
fn as_written(key: Key, value: &Value, patterns: &[(Key, &Pattern)]) -> String {
    let written = patterns
        .iter()
        .find(|(of, pattern)| *of == key && *pattern.shape() == Shape::Exact(value.clone()));
    written.map_or_else(|| value.to_string(), |(_, pattern)| pattern.written().to_owned())
}

fn same(one: &Condition, other: &Condition) -> bool {
    let shapes = |condition: &Condition| {
        condition
            .patterns
            .iter()
            .map(|pattern| pattern.shape().clone())
            .collect::<Vec<_>>()
    };
    shapes(one) == shapes(other)
}

/// A condition as it is written.
pub(in crate::config) fn written(condition: &Condition) -> String {
    let texts: Vec<String> = condition
        .patterns
        .iter()
        .map(|pattern| quoted(condition.key, pattern.written()))
        .collect();
    match texts.as_slice() {
        [only] => format!("{} = {only}", condition.name()),
        _ => format!("{} = [{}]", condition.name(), texts.join(", ")),
    }
}

/// The values of a condition in a sentence.
fn values(condition: &Condition) -> String {
    let texts: Vec<String> = condition
        .patterns
        .iter()
        .map(|pattern| quoted(condition.key, pattern.written()))
        .collect();
    texts.join(", ")
}

fn quoted(key: Key, text: &str) -> String {
    if key == Key::Solicited {
        text.to_owned()
    } else {
        format!("\"{text}\"")
    }
}
