//! L1T3, L3T3 and L3T3_KEY as Chrome sends them: the structures of the specification's A.6.2, decode targets
//! from the lowest up.
