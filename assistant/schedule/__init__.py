"""What is to happen later: timers, alarms, reminders, delayed and repeated commands, and waiting for a change."""
