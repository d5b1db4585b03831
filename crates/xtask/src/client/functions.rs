//! The functions of the WASM, written so that they compress. The compiler leaves some twice, numbers a function's
//! locals as they come, and `wasm-bindgen` writes the largest function first, whatever it is like. Here what is there
//! twice is written once, the locals that are used most have the lowest numbers, so that functions that do the same
//! say the same, and each function is followed by the one that is most like it.
//!
//! Nothing that runs changes: the instructions are the same, but for the numbers of functions and locals.

mod alike;
mod body;
#[cfg(test)]
mod tests;

use anyhow::{Result, anyhow};
use body::Body;
use std::collections::BTreeMap;
use wasm_encoder::{
    CodeSection, FunctionSection, Module,
    reencode::{self, Reencode},
};
use wasmparser::{CodeSectionReader, FunctionSectionReader, Parser, Payload, TypeRef};

/// The same module with its functions in another order, and none of them twice.
pub fn arrange(wasm: &[u8]) -> Result<Vec<u8>> {
    let read = Functions::read(wasm)?;
    let same = read.same()?;
    let order = read.order(&same)?;
    let mut numbers: Vec<u32> = (0..read.imported).collect();
    numbers.resize(same.len(), 0);
    for (place, number) in (read.imported..).zip(&order) {
        *at_mut(&mut numbers, *number)? = place;
    }
    let numbers = same.iter().map(|number| at(&numbers, *number).copied()).collect::<Result<_>>()?;
    let mut module = Module::new();
    Arranged { read: &read, order, numbers }
        .parse_core_module(&mut module, Parser::new(0), wasm)
        .map_err(|error| anyhow!("the WASM cannot be arranged: {error}"))?;
    Ok(module.finish())
}

/// What a module has of functions. A function's number counts those that are imported first.
struct Functions<'a> {
    imported: u32,
    bodies: Vec<Body<'a>>,
}

impl<'a> Functions<'a> {
    fn read(wasm: &'a [u8]) -> Result<Self> {
        let (mut imported, mut parameters, mut types, mut bodies) = (0, Vec::new(), Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for kind in section.into_iter_err_on_gc_types() {
                        parameters.push(kind?.params().len());
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(section) => types = section.into_iter().collect::<Result<_, _>>()?,
                Payload::CodeSectionEntry(body) => {
                    let kind = *types.get(bodies.len()).ok_or_else(|| anyhow!("a function has no type"))?;
                    bodies.push(Body::new(body, kind, *at(&parameters, kind)?)?);
                }
                _ => {}
            }
        }
        Ok(Self { imported, bodies })
    }

    fn numbered(&self) -> impl Iterator<Item = (u32, &Body<'a>)> {
        (self.imported..).zip(&self.bodies)
    }

    /// For each number, that of the first function which does the same. Two that call two that do the same do too.
    fn same(&self) -> Result<Vec<u32>> {
        let mut same: Vec<u32> =
            (0..self.imported).chain(self.numbered().map(|(number, _)| number)).collect();
        loop {
            let mut first = BTreeMap::new();
            let mut now: Vec<u32> = (0..self.imported).collect();
            for (number, body) in self.numbered() {
                let code = body.encode(|callee| at(&same, callee).copied())?;
                now.push(*first.entry((body.kind, code)).or_insert(number));
            }
            if now == same {
                return Ok(same);
            }
            same = now;
        }
    }

    /// The numbers of those that are written, in their new order.
    fn order(&self, same: &[u32]) -> Result<Vec<u32>> {
        let mut written = Vec::new();
        for (number, body) in self.numbered() {
            if *at(same, number)? == number {
                // Whom it calls has no number yet, and is no likeness.
                written.push((body.kind, body.encode(|_| Ok(0))?, number));
            }
        }
        written.sort_unstable();
        let looks: Vec<(u32, &[u8])> =
            written.iter().map(|(kind, code, _)| (*kind, code.as_slice())).collect();
        let order = alike::one_after_another(&looks);
        Ok(order.into_iter().filter_map(|place| written.get(place)).map(|(_, _, number)| *number).collect())
    }
}

/// Writes the module.
struct Arranged<'r, 'a> {
    read: &'r Functions<'a>,
    /// Old numbers, in the new order.
    order: Vec<u32>,
    /// Each old number's new one.
    numbers: Vec<u32>,
}

impl Arranged<'_, '_> {
    fn body(&self, number: u32) -> Result<&Body<'_>> {
        let place = number.checked_sub(self.read.imported).ok_or_else(|| anyhow!("{number} is imported"))?;
        at(&self.read.bodies, place)
    }
}

impl Reencode for Arranged<'_, '_> {
    type Error = anyhow::Error;

    fn function_index(&mut self, number: u32) -> Result<u32, reencode::Error<anyhow::Error>> {
        at(&self.numbers, number).copied().map_err(reencode::Error::UserError)
    }

    fn parse_function_section(
        &mut self,
        section: &mut FunctionSection,
        _: FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error<anyhow::Error>> {
        for number in &self.order {
            section.function(self.body(*number).map_err(reencode::Error::UserError)?.kind);
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        section: &mut CodeSection,
        _: CodeSectionReader<'_>,
    ) -> Result<(), reencode::Error<anyhow::Error>> {
        for number in &self.order {
            let body = self.body(*number).map_err(reencode::Error::UserError)?;
            let code = body.encode(|callee| at(&self.numbers, callee).copied());
            section.raw(&code.map_err(reencode::Error::UserError)?);
        }
        Ok(())
    }
}

/// What stands at a number.
fn at<T>(list: &[T], number: u32) -> Result<&T> {
    usize::try_from(number)
        .ok()
        .and_then(|place| list.get(place))
        .ok_or_else(|| anyhow!("nothing has number {number}"))
}

fn at_mut<T>(list: &mut [T], number: u32) -> Result<&mut T> {
    let place = usize::try_from(number)?;
    list.get_mut(place).ok_or_else(|| anyhow!("nothing has number {number}"))
}
