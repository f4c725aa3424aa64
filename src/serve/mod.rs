//! Step 5a of the path: the monitoring API that `hubtop serve` will answer from the same frames as the screen.
