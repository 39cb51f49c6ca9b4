//! What is computed from network and solution and asked for in every frame: kept until its inputs change.

use std::sync::{Arc, Mutex, PoisonError};

use super::colouring::{self, ColourBy, Coloured, Pairing, Range, Sides};
use super::state::Session;
use super::view::{PressureDiagram, pressure_diagram};
use crate::dispatch::alternative::Assessment;
use crate::network::{ElementRef, Network};

/// The state of an alternative at its instant.
fn shown<'a>(of: &'a Assessment, pairing: Option<&'a Pairing>) -> colouring::Shown<'a> {
    colouring::Shown { network: &of.network, solution: &of.instant.solution, pairing }
}

/// Derived data of a session. A lock rather than a cell, because windows want the session to be shared between threads;
/// nobody waits for it in practice.
#[derive(Debug, Default)]
pub struct Cache {
    pairing: Mutex<Option<Arc<Pairing>>>,
    coloured: Mutex<Option<(Key, Arc<Coloured>)>>,
    diagram: Mutex<Option<(DiagramKey, Option<Arc<PressureDiagram>>)>>,
    range: Mutex<Option<(RangeKey, Range)>>,
}

/// Which timeline, how much of it, sides shown, quantity.
type RangeKey = (u64, usize, Sides, ColourBy);

/// Revision of network, revision of solution, version of the instant shown, target.
type DiagramKey = (u64, u64, u64, Option<ElementRef>);

/// Revision of network, revision of solution, version of the instant shown and of the change, sides shown, quantity.
type Key = (u64, u64, u64, u64, Sides, ColourBy);

impl Cache {
    /// To be called when nodes, links or their places change.
    pub fn forget_pairing(&self) {
        *self.pairing.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    pub fn pairing(&self, network: &Network) -> Arc<Pairing> {
        let mut kept = self.pairing.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get_or_insert_with(|| Arc::new(Pairing::of(network))).clone()
    }

    pub fn coloured(&self, session: &Session) -> Arc<Coloured> {
        let by = session.view().colour_by;
        let sides = Sides { supply: session.view().supply, return_side: session.view().return_side };
        let version = session.shown_version();
        let key = (session.revision(), session.solution_revision(), version, session.change_version(), sides, by);
        let mut kept = self.coloured.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, coloured)) = &*kept
            && *known == key
        {
            return coloured.clone();
        }
        if let Some((before, after)) = session.shown_change() {
            let paired = |of: &Assessment| (by == ColourBy::AvailableHead).then(|| Pairing::of(&of.network));
            let (own, other) = (paired(before), paired(after));
            let coloured = colouring::change(
                session.network(),
                shown(before, own.as_ref()),
                shown(after, other.as_ref()),
                sides,
                by,
            );
            let coloured = Arc::new(coloured);
            *kept = Some((key, coloured.clone()));
            return coloured;
        }
        let pairing = (by == ColourBy::AvailableHead).then(|| self.pairing(session.network()));
        let place = session.shown_place();
        let mut coloured = colouring::colour(
            session.network(),
            session.solution().map(|solution| &**solution),
            pairing.as_deref(),
            place.as_ref(),
            sides,
            by,
        );
        if let Some(range) = self.range_over_time(session, pairing.as_deref(), sides, by) {
            coloured = coloured.over(range);
        }
        let coloured = Arc::new(coloured);
        *kept = Some((key, coloured.clone()));
        coloured
    }

    /// Range of a quantity over all hours shown; while a run goes on taken anew only as the frames double.
    fn range_over_time(
        &self,
        session: &Session,
        pairing: Option<&Pairing>,
        sides: Sides,
        by: ColourBy,
    ) -> Option<Range> {
        let timeline = session.timeline().filter(|timeline| session.shows_time() && !timeline.is_empty())?;
        if !by.is_continuous() {
            return None;
        }
        let whole = timeline.len();
        let count = if session.running().is_some() { whole.next_power_of_two() } else { whole };
        let key = (timeline.number(), count, sides, by);
        let mut kept = self.range.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, range)) = &*kept
            && *known == key
        {
            return Some(*range);
        }
        let range = timeline.range(pairing, sides, by);
        *kept = Some((key, range));
        Some(range)
    }

    pub fn diagram(&self, session: &Session) -> Option<Arc<PressureDiagram>> {
        let target = session.diagram_target().cloned();
        let key = (session.revision(), session.solution_revision(), session.shown_version(), target);
        let mut kept = self.diagram.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, diagram)) = &*kept
            && *known == key
        {
            return diagram.clone();
        }
        let diagram = session.solution().filter(|solution| solution.converged).and_then(|solution| {
            let network = session.network();
            let target = session
                .diagram_target()
                .filter(|target| network.contains(target))
                .cloned()
                .or_else(|| solution.worst_consumer(network).map(|worst| network.link_ref(worst.link)))?;
            pressure_diagram(network, solution, &target).map(Arc::new)
        });
        *kept = Some((key, diagram.clone()));
        diagram
    }
}
