//! Pages, one after the other, and what is made of them.
