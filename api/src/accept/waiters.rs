//! Requests that wait for an outcome (`Prefer: wait=N`).

use medique_contracts::ids::CommandId;
use medique_contracts::outcome::DecidedCommand;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

type Waiting = HashMap<CommandId, HashMap<u64, oneshot::Sender<Arc<DecidedCommand>>>>;

#[derive(Default)]
struct State {
    waiting: Waiting,
    next: u64,
}

/// Who waits for which command.
#[derive(Default)]
pub struct Waiters(Mutex<State>);

/// One request's wait; dropping it ends the wait.
pub struct Waiter<'a> {
    waiters: &'a Waiters,
    command: CommandId,
    id: u64,
    /// The outcome, when a worker tells it.
    pub told: oneshot::Receiver<Arc<DecidedCommand>>,
}

impl Waiters {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait. Do this before publishing, so that no notice is missed.
    pub fn register(&self, command: CommandId) -> Waiter<'_> {
        let (tell, told) = oneshot::channel();
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        state.waiting.entry(command).or_default().insert(id, tell);
        Waiter {
            waiters: self,
            command,
            id,
            told,
        }
    }

    /// Tells everybody who waits for the command.
    pub fn tell(&self, decided: DecidedCommand) {
        let Some(waiting) = self.state().waiting.remove(&decided.command_id) else {
            return;
        };
        let decided = Arc::new(decided);
        for tell in waiting.into_values() {
            // The request may have gone away meanwhile.
            let _ = tell.send(Arc::clone(&decided));
        }
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        let mut state = self.waiters.state();
        if let Some(waiting) = state.waiting.get_mut(&self.command) {
            waiting.remove(&self.id);
            if waiting.is_empty() {
                state.waiting.remove(&self.command);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use medique_contracts::{CommandResult, Outcome};
    use uuid::Uuid;

    #[tokio::test]
    async fn everybody_who_waits_is_told_and_forgotten() {
        let waiters = Waiters::default();
        let command_id = CommandId(Uuid::from_u128(1));
        let (mut first, mut second) = (waiters.register(command_id), waiters.register(command_id));
        drop(waiters.register(command_id));
        waiters.tell(DecidedCommand {
            command_id,
            outcome: Outcome::Applied {
                result: CommandResult::default(),
            },
            accepted_at: DateTime::UNIX_EPOCH,
            decided_at: DateTime::UNIX_EPOCH,
            trace_id: None,
        });
        assert!((&mut first.told).await.is_ok() && (&mut second.told).await.is_ok());
        drop((first, second));
        assert!(waiters.state().waiting.is_empty());
    }
}
