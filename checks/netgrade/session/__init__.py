"""One run, from submissions to reports: examined, taught, trained. What the plugin and the command have in common."""
