//! Numbers joined into sets two by two: union–find with path halving (Tarjan and van Leeuwen 1984).
//!
//! One number stands for each set, and the caller says which when joining: the least, where sets are numbered by their
//! first member, or the greatest, where the last number (the ground) has to keep standing for its own. No ranks: the same
//! joins give the same numbers.

/// The sets of 0 … count − 1.
#[derive(Clone, Debug, Default)]
pub struct Sets {
    above: Vec<u32>,
}

impl Sets {
    /// Every number by itself.
    pub fn new(count: usize) -> Sets {
        let mut sets = Sets::default();
        sets.restart(count);
        sets
    }

    /// The same in memory that is there.
    pub fn restart(&mut self, count: usize) {
        self.above.clear();
        self.above.extend(0..count as u32);
    }

    /// The number that stands for the set of this one.
    pub fn of(&mut self, mut number: u32) -> u32 {
        while self.above[number as usize] != number {
            self.above[number as usize] = self.above[self.above[number as usize] as usize];
            number = self.above[number as usize];
        }
        number
    }

    /// Joins the sets of two numbers; of those that stood for them the lesser goes on. Gives whether they were apart.
    pub fn join_under_least(&mut self, a: u32, b: u32) -> bool {
        let (a, b) = (self.of(a), self.of(b));
        self.above[a.max(b) as usize] = a.min(b);
        a != b
    }

    /// Joins the sets of two numbers; of those that stood for them the greater goes on.
    pub fn join_under_greatest(&mut self, a: u32, b: u32) {
        let (a, b) = (self.of(a), self.of(b));
        self.above[a.min(b) as usize] = a.max(b);
    }
}

#[cfg(test)]
mod tests {
    use super::Sets;

    #[test]
    fn joined_numbers_share_the_one_that_was_asked_for() {
        let pairs = [(4, 1), (5, 6), (1, 6), (2, 2)];
        let (mut least, mut greatest) = (Sets::new(8), Sets::new(8));
        for (a, b) in pairs {
            least.join_under_least(a, b);
            greatest.join_under_greatest(a, b);
        }
        let all = |sets: &mut Sets| (0..8).map(|number| sets.of(number)).collect::<Vec<_>>();
        assert_eq!(all(&mut least), [0, 1, 2, 3, 1, 1, 1, 7]);
        assert_eq!(all(&mut greatest), [0, 6, 2, 3, 6, 6, 6, 7]);
        least.restart(2);
        assert_eq!((least.of(0), least.of(1)), (0, 1));
    }
}
