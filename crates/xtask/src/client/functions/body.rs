//! One function: its instructions, with other numbers for what it calls and for its locals.

use super::at;
use anyhow::{Result, anyhow};
use std::cmp::Reverse;
use wasm_encoder::{
    Function, Instruction, ValType,
    reencode::{self, Reencode},
};
use wasmparser::{FunctionBody, Operator};

/// A function as it is read.
pub struct Body<'a> {
    /// The number of its type.
    pub kind: u32,
    read: FunctionBody<'a>,
    /// The locals it declares, as many of each type as there are.
    declared: Vec<(u32, wasmparser::ValType)>,
    /// Each local's new number.
    locals: Vec<u32>,
}

impl<'a> Body<'a> {
    /// A function of a type with so many parameters. Parameters keep their numbers; of the other locals, those of one
    /// type are numbered by how often they are named.
    pub fn new(read: FunctionBody<'a>, kind: u32, parameters: usize) -> Result<Self> {
        let declared = read.get_locals_reader()?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let ends = declared.iter().scan(parameters, |end, (count, _)| {
            *end += usize::try_from(*count).unwrap_or(usize::MAX);
            Some(*end)
        });
        let ends: Vec<usize> = ends.collect();
        let mut uses = vec![0_u32; ends.last().copied().unwrap_or(parameters)];
        for operator in read.get_operators_reader()? {
            if let Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } = operator?
            {
                *super::at_mut(&mut uses, local_index)? += 1;
            }
        }
        let mut by_use: Vec<usize> = (0..uses.len()).collect();
        let mut start = parameters;
        for end in ends {
            if let Some(group) = by_use.get_mut(start..end) {
                group.sort_by_key(|local| Reverse(uses.get(*local)));
            }
            start = end;
        }
        let mut locals = vec![0; uses.len()];
        for (place, local) in (0..).zip(by_use) {
            if let Some(number) = locals.get_mut(local) {
                *number = place;
            }
        }
        Ok(Self { kind, read, declared, locals })
    }

    /// Its code, without the length before it. `numbers` gives the number of a function it names.
    pub fn encode(&self, numbers: impl Fn(u32) -> Result<u32>) -> Result<Vec<u8>> {
        let mut writer = Numbers { locals: &self.locals, numbers };
        let wrong = |error| anyhow!("a function cannot be written: {error}");
        let declared = self.declared.iter().map(|(count, kind)| Ok((*count, writer.val_type(*kind)?)));
        let declared: Vec<(u32, ValType)> = declared.collect::<Result<_, _>>().map_err(wrong)?;
        let mut function = Function::new(declared);
        for operator in self.read.get_operators_reader()? {
            function.instruction(&writer.instruction(operator?).map_err(wrong)?);
        }
        Ok(function.into_raw_body())
    }
}

/// Writes instructions with other numbers.
struct Numbers<'a, F> {
    locals: &'a [u32],
    numbers: F,
}

impl<F: Fn(u32) -> Result<u32>> Reencode for Numbers<'_, F> {
    type Error = anyhow::Error;

    fn function_index(&mut self, number: u32) -> Result<u32, reencode::Error<anyhow::Error>> {
        (self.numbers)(number).map_err(reencode::Error::UserError)
    }

    fn instruction<'a>(
        &mut self,
        operator: Operator<'a>,
    ) -> Result<Instruction<'a>, reencode::Error<anyhow::Error>> {
        let local = |number| at(self.locals, number).copied().map_err(reencode::Error::UserError);
        Ok(match operator {
            Operator::LocalGet { local_index } => Instruction::LocalGet(local(local_index)?),
            Operator::LocalSet { local_index } => Instruction::LocalSet(local(local_index)?),
            Operator::LocalTee { local_index } => Instruction::LocalTee(local(local_index)?),
            other => reencode::utils::instruction(self, other)?,
        })
    }
}
