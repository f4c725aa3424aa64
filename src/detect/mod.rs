//! Step 3 of the path: what says that a series left its normal. Its place in the pipeline is between the store and the
//! alerts; it is empty, so every verdict is "not enough data yet" and only threshold rules speak.
