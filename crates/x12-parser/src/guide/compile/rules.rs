//! Rules across segments: facts that are remembered, and what they ask later on.

use super::Compiler;
use crate::guide::grammar;
use crate::guide::grammar::Asked;
use crate::guide::grammar::ConditionText;
use crate::guide::grammar::Grade;
use crate::guide::grammar::Number;
use crate::guide::spec::RuleSpec;
use crate::guide::table::Asks;
use crate::guide::table::Child;
use crate::guide::table::Condition;
use crate::guide::table::Demand;
use crate::guide::table::NONE;
use crate::guide::table::Rule;
use crate::guide::table::Run;
use crate::guide::written::GuideError;
use crate::guide::written::GuideFault;
use crate::guide::written::Written;
use std::collections::BTreeMap;

/// Most facts that can be remembered at once.
const MOST_FACTS: usize = 63;

/// What the rules of a guide remember and demand.
#[derive(Default)]
pub(super) struct Facts {
    /// The facts that each use establishes.
    of_use: BTreeMap<usize, u64>,
    /// Demands that a use stands, by its number.
    demanded: Vec<(usize, Demand)>,
}

impl Facts {
    /// A bit for every fact there is.
    pub(super) fn all(&self) -> u64 {
        self.of_use.values().fold(0, |all, facts| all | facts)
    }

    /// The facts that the rows of a loop as written establish.
    pub(super) fn of_body(&self, compiler: &Compiler<'_>, body: usize) -> u64 {
        let start = compiler.first_use.get(body).copied().unwrap_or_default();
        let end = compiler
            .first_use
            .get(body + 1)
            .copied()
            .unwrap_or(compiler.tables.uses.len());
        self.of_use
            .range(start..end)
            .fold(0, |all, (_, facts)| all | facts)
    }

    /// The demands among the children of a loop; the segment that opens the loop is demanded of the loop around it.
    pub(super) fn demands(&self, children: &mut [Child], opened: bool) -> Vec<Demand> {
        let mut found = Vec::new();
        for (used, demand) in &self.demanded {
            let own = (0u16..)
                .zip(children.iter_mut())
                .skip(usize::from(opened))
                .find(|(_, child)| usize::from(child.used) == *used);
            if let Some((index, child)) = own {
                child.demanded = true;
                found.push(Demand {
                    child: index,
                    ..*demand
                });
            }
        }
        found
    }
}

/// What the conditions of a rule ask of the facts.
#[derive(Clone, Copy, Default)]
struct Premise {
    given: u64,
    lacking: u64,
}

impl Compiler<'_> {
    /// Compiles the rules across segments.
    pub(super) fn facts(&mut self) -> Facts {
        let keys = self.keys();
        let order = self.order();
        let mut conditions: BTreeMap<usize, Vec<Condition>> = BTreeMap::new();
        let mut rules: BTreeMap<usize, Vec<Rule>> = BTreeMap::new();
        let mut facts = Facts::default();
        let mut known: Vec<(usize, Option<Number>, Vec<String>)> = Vec::new();
        for rule in &self.spec.rules {
            let compiled = self.rule(rule, &keys, &order, &mut known);
            let Some((premise, asked, used)) = self.or_note(compiled, || "rule".to_owned()) else {
                continue;
            };
            let file = self.grade;
            let weak = self.graded(rule.grade.as_ref(), file) == Grade::C;
            if asked.number.is_none() && asked.asked == Asked::Present {
                let demand = Demand {
                    given: premise.given,
                    lacking: premise.lacking,
                    child: NONE,
                    weak,
                };
                facts.demanded.push((used, demand));
                continue;
            }
            let asks = match &asked.asked {
                Asked::Present => Asks::Present,
                Asked::Absent => Asks::Absent,
                Asked::Codes(codes) => Asks::Codes(self.list(codes, Grade::C)),
            };
            rules.entry(used).or_default().push(Rule {
                given: premise.given,
                lacking: premise.lacking,
                number: asked.number.unwrap_or_default(),
                asks,
                weak,
            });
        }
        for (index, (used, number, codes)) in known.iter().enumerate() {
            let fact = 1u64.checked_shl(u32::try_from(index).unwrap_or(0)).unwrap_or(0);
            let list = if codes.is_empty() {
                NONE
            } else {
                self.plain_list(codes)
            };
            *facts.of_use.entry(*used).or_default() |= fact;
            conditions.entry(*used).or_default().push(Condition {
                number: number.unwrap_or_default(),
                list,
                fact,
            });
        }
        self.attach(conditions, rules);
        facts
    }

    fn plain_list(&mut self, codes: &[String]) -> u16 {
        let codes: Vec<_> = codes
            .iter()
            .map(|code| grammar::CodeText {
                code: code.clone(),
                grade: None,
            })
            .collect();
        self.list(&codes, Grade::A)
    }

    fn attach(&mut self, conditions: BTreeMap<usize, Vec<Condition>>, rules: BTreeMap<usize, Vec<Rule>>) {
        for (used, conditions) in conditions {
            let run = Run::append(&mut self.tables.conditions, conditions);
            if let Some(used) = self.tables.uses.get_mut(used) {
                used.conditions = run;
            }
        }
        for (used, rules) in rules {
            let run = Run::append(&mut self.tables.rules, rules);
            if let Some(used) = self.tables.uses.get_mut(used) {
                used.rules = run;
            }
        }
    }

    /// The uses that have a key.
    fn keys(&mut self) -> BTreeMap<String, usize> {
        let mut keys = BTreeMap::new();
        let rows = self.bodies().flat_map(|(_, rows)| rows);
        for (used, row) in rows.enumerate() {
            let Some(key) = &row.key else { continue };
            if keys.insert(key.text.clone(), used).is_some() {
                self.wrong.push(key.fault(0, GuideFault::Twice(key.text.clone())));
            }
        }
        keys
    }

    /// The order in which uses come in a transaction: the places of the loops around them, and their own.
    fn order(&self) -> Vec<Vec<u16>> {
        let mut order = Vec::new();
        for (body, rows) in self.bodies() {
            let mut around = Vec::new();
            let mut at = body;
            while let Some(inner) = at {
                around.push(inner.at);
                let parent = inner
                    .within
                    .as_ref()
                    .and_then(|within| within.text.split_whitespace().next());
                at = self
                    .spec
                    .loops
                    .iter()
                    .find(|outer| Some(outer.id.text.as_str()) == parent);
                if around.len() > self.spec.loops.len() {
                    break;
                }
            }
            around.reverse();
            for row in rows {
                let mut path = around.clone();
                path.push(row.at);
                order.push(path);
            }
        }
        order
    }

    /// Reads a rule: what it presumes, what it asks, and of which use.
    fn rule(
        &self,
        rule: &RuleSpec,
        keys: &BTreeMap<String, usize>,
        order: &[Vec<u16>],
        known: &mut Vec<(usize, Option<Number>, Vec<String>)>,
    ) -> Result<(Premise, ConditionText, usize), GuideError> {
        let asked = grammar::consequence(&rule.then)?;
        let target = self.subject(&rule.then, &asked, keys)?;
        let demands = asked.number.is_none() && asked.asked == Asked::Present;
        let mut premise = Premise::default();
        for condition in grammar::conditions(&rule.when)? {
            let used = self.subject(&rule.when, &condition, keys)?;
            if !demands && order.get(used) > order.get(target) {
                return Err(rule.when.fault(condition.column, GuideFault::Backwards));
            }
            let codes: Vec<String> = match &condition.asked {
                Asked::Codes(codes) => codes.iter().map(|code| code.code.clone()).collect(),
                Asked::Present | Asked::Absent => Vec::new(),
            };
            let fact = (used, condition.number, codes);
            let index = known.iter().position(|other| *other == fact).unwrap_or_else(|| {
                known.push(fact);
                known.len() - 1
            });
            if index >= MOST_FACTS {
                return Err(rule
                    .when
                    .fault(condition.column, GuideFault::TooMany("conditions")));
            }
            let bit = 1 << index;
            if condition.asked == Asked::Absent {
                premise.lacking |= bit;
            } else {
                premise.given |= bit;
            }
        }
        Ok((premise, asked, target))
    }

    /// The use that a condition or consequence names, which must have the element it names.
    fn subject(
        &self,
        written: &Written,
        named: &ConditionText,
        keys: &BTreeMap<String, usize>,
    ) -> Result<usize, GuideError> {
        let fault = |fault| written.fault(named.column, fault);
        let used = *keys
            .get(&named.key)
            .ok_or_else(|| fault(GuideFault::NoSuchKey(named.key.clone())))?;
        let Some(number) = named.number else {
            return Ok(used);
        };
        let Some(row) = self.tables.uses.get(used).filter(|row| row.elements.len() > 0) else {
            return Ok(used);
        };
        let rules = row.elements.of(&self.tables.elements);
        let has = rules.len();
        let rule = rules
            .get(usize::from(number.element) - 1)
            .ok_or_else(|| fault(GuideFault::NoSuchElement { has }))?;
        let has = rule.components.len();
        if number.component > 0 && has == 0 {
            return Err(fault(GuideFault::NotComposite));
        }
        if usize::from(number.component) > has.max(1) {
            return Err(fault(GuideFault::NoSuchElement { has }));
        }
        Ok(used)
    }
}
