// Nothing but a place for the precompiled header that the rooms share (build time is a design
// rule).
