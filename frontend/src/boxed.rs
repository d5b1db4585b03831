//! Closures behind a pointer, with one entry each.
//!
//! A `dyn Fn` can also be called once and be gone with it, and for that the program has another function of each closure
//! that is ever boxed. Views are made of some four hundred of them, and none is called so.

/// A `Fn(In) -> Out`.
pub trait Ask<In, Out> {
    /// Calls it.
    fn ask(&self, with: In) -> Out;
}

impl<In, Out, F: Fn(In) -> Out> Ask<In, Out> for F {
    fn ask(&self, with: In) -> Out {
        self(with)
    }
}

/// An `FnMut(In)`.
pub trait Act<In> {
    /// Calls it.
    fn act(&mut self, with: In);
}

impl<In, F: FnMut(In)> Act<In> for F {
    fn act(&mut self, with: In) {
        self(with);
    }
}
