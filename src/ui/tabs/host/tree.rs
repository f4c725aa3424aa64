//! Processes as a tree: children under their parents, brothers in the order that was chosen.

use std::sync::Arc;

use crate::model::Process;

/// How deep lines are drawn; what lies deeper is drawn at this depth.
const DEEPEST: usize = 20;

/// Where a row hangs in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Branch {
    depth: usize,
    is_last: bool,
    /// Bit n is set while a line runs down at depth n.
    lines: u32,
}

impl Branch {
    /// The lines in front of the row: `│  ├─ `; plain ones where the terminal has no others.
    #[must_use]
    pub fn prefix(self, ascii: bool) -> String {
        let (down, fork, corner) = if ascii {
            ("| ", "|-", "`-")
        } else {
            ("│ ", "├─", "└─")
        };
        let mut prefix = String::new();
        for depth in 1..self.depth {
            let runs = self.lines & (1 << depth) != 0;
            prefix.push_str(if runs { down } else { "  " });
        }
        if self.depth > 0 {
            prefix.push_str(if self.is_last { corner } else { fork });
            prefix.push(' ');
        }
        prefix
    }
}

/// Puts the rows of `order` (indexes into `table`, which is by PID) under their parents. A row whose parent is not
/// among them is a root.
#[must_use]
pub fn arrange(table: &[Arc<Process>], order: &[usize]) -> (Vec<usize>, Vec<Branch>) {
    let family = Family::of(table, order);
    let mut walk = Walk {
        rows: Vec::with_capacity(order.len()),
        branches: Vec::with_capacity(order.len()),
        seen: vec![false; table.len()],
    };
    for row in order {
        if family.is_root[*row] {
            walk.down(&family, *row);
        }
    }
    // A parent that is its own descendant (a number that was given out again between two reads) has no root.
    for row in order {
        walk.down(&family, *row);
    }
    (walk.rows, walk.branches)
}

const NONE: usize = usize::MAX;

/// First child and next brother of each row.
struct Family {
    first_child: Vec<usize>,
    next: Vec<usize>,
    is_root: Vec<bool>,
}

impl Family {
    fn of(table: &[Arc<Process>], order: &[usize]) -> Self {
        let mut family = Self {
            first_child: vec![NONE; table.len()],
            next: vec![NONE; table.len()],
            is_root: vec![false; table.len()],
        };
        let mut is_shown = vec![false; table.len()];
        for row in order {
            is_shown[*row] = true;
        }
        // From the end, so that the chain of brothers stands in their order.
        for row in order.iter().rev() {
            let parent = table[*row].parent;
            match table.binary_search_by_key(&parent, |process| process.key().pid) {
                Ok(parent) if is_shown[parent] && parent != *row => {
                    family.next[*row] = family.first_child[parent];
                    family.first_child[parent] = *row;
                }
                _ => family.is_root[*row] = true,
            }
        }
        family
    }
}

struct Walk {
    rows: Vec<usize>,
    branches: Vec<Branch>,
    seen: Vec<bool>,
}

impl Walk {
    fn down(&mut self, family: &Family, root: usize) {
        let mut open = vec![(root, Branch::default())];
        while let Some((row, branch)) = open.pop() {
            if std::mem::replace(&mut self.seen[row], true) {
                continue;
            }
            self.rows.push(row);
            self.branches.push(branch);
            let begin = open.len();
            let depth = (branch.depth + 1).min(DEEPEST);
            let mut lines = branch.lines & ((1 << branch.depth) - 1);
            if branch.depth > 0 && !branch.is_last {
                lines |= 1 << branch.depth;
            }
            let mut child = family.first_child[row];
            while child != NONE {
                let next = family.next[child];
                let is_last = next == NONE;
                open.push((
                    child,
                    Branch {
                        depth,
                        is_last,
                        lines,
                    },
                ));
                child = next;
            }
            open[begin..].reverse();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::tabs::testing::process;

    fn drawn(processes: &[(u32, u32)], order: &[usize]) -> Vec<String> {
        let table: Vec<Arc<Process>> = processes
            .iter()
            .map(|(pid, parent)| Arc::new(process(*pid, *parent, "root", None, "x")))
            .collect();
        let (rows, branches) = arrange(&table, order);
        rows.iter()
            .zip(branches)
            .map(|(row, branch)| format!("{}{}", branch.prefix(false), table[*row].key().pid))
            .collect()
    }

    #[test]
    fn children_stand_under_their_parents_in_the_chosen_order() {
        let processes = [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (6, 9)];
        assert_eq!(
            drawn(&processes, &[5, 4, 2, 0, 1, 3]),
            ["6", "1", "├─ 3", "└─ 2", "  ├─ 5", "  └─ 4"]
        );
        assert_eq!(
            drawn(&processes, &[0, 1, 2, 3, 4]),
            ["1", "├─ 2", "│ ├─ 4", "│ └─ 5", "└─ 3"]
        );
    }

    #[test]
    fn a_parent_that_is_filtered_out_makes_a_root() {
        assert_eq!(drawn(&[(1, 0), (2, 1), (3, 2)], &[0, 2]), ["1", "3"]);
    }

    #[test]
    fn circles_end() {
        let rows = drawn(&[(1, 2), (2, 1), (3, 3)], &[0, 1, 2]);
        assert_eq!(rows.len(), 3, "every row once: {rows:?}");
    }
}
