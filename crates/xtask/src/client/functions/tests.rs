//! Modules of a few functions, written down here, and what becomes of them.

use super::*;
use std::collections::BTreeMap;
use wasm_encoder::{
    ConstExpr, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function, ImportSection,
    InstructionSink, RefType, TableSection, TableType, TypeSection, ValType,
};
use wasmparser::{ElementItems, ExternalKind, Operator};

/// What a function declares, and what it does.
type Code = (Vec<(u32, ValType)>, fn(&mut InstructionSink<'_>));

/// A module in which function 0 is imported and all are of type `i32 → i32`; each is exported by its number, and stands
/// in the table.
fn module(functions: &[Code]) -> Vec<u8> {
    let (mut types, mut imports, mut kinds) =
        (TypeSection::new(), ImportSection::new(), FunctionSection::new());
    let (mut tables, mut exports) = (TableSection::new(), ExportSection::new());
    let (mut elements, mut code) = (ElementSection::new(), CodeSection::new());
    types.ty().function([ValType::I32], [ValType::I32]);
    imports.import("page", "_0", EntityType::Function(0));
    tables.table(TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 9,
        maximum: None,
        shared: false,
    });
    let numbers: Vec<u32> = (1..).take(functions.len()).collect();
    for (number, (locals, write)) in numbers.iter().zip(functions) {
        kinds.function(0);
        exports.export(&number.to_string(), ExportKind::Func, *number);
        let mut function = Function::new(locals.clone());
        write(&mut function.instructions());
        function.instructions().end();
        code.function(&function);
    }
    elements.active(None, &ConstExpr::i32_const(0), Elements::Functions(numbers.into()));
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&kinds).section(&tables);
    module.section(&exports).section(&elements).section(&code);
    module.finish()
}

/// Calls its neighbour's twin, and is there twice itself.
fn sample() -> Vec<u8> {
    module(&[
        (vec![], |code| _ = code.local_get(0).i32_const(7).i32_add()),
        (vec![], |code| _ = code.local_get(0).call(1)),
        (vec![], |code| _ = code.local_get(0).i32_const(7).i32_add()),
        (vec![], |code| _ = code.local_get(0).call(3)),
        (vec![], |code| _ = code.local_get(0).call(0).call(5)),
        (vec![(2, ValType::I32), (1, ValType::I64), (2, ValType::I32)], |code| {
            code.i64_const(5).local_set(3).local_get(0).local_tee(2).local_set(5);
            code.local_get(5).local_get(5).i32_add().local_get(2).i32_add();
        }),
    ])
}

/// What each export and each place of the table does: the instructions, those of whom they call within, with locals
/// numbered as they come.
fn meanings(wasm: &[u8]) -> BTreeMap<String, String> {
    wasmparser::validate(wasm).unwrap();
    let (mut bodies, mut found) = (Vec::new(), BTreeMap::new());
    for payload in Parser::new(0).parse_all(wasm) {
        match payload.unwrap() {
            Payload::CodeSectionEntry(body) => bodies.push(body),
            Payload::ExportSection(section) => {
                for export in section.into_iter().map(Result::unwrap) {
                    assert_eq!(export.kind, ExternalKind::Func);
                    found.insert(export.name.to_owned(), export.index);
                }
            }
            Payload::ElementSection(section) => {
                let ElementItems::Functions(items) = section.into_iter().next().unwrap().unwrap().items
                else {
                    panic!("functions")
                };
                let items = items.into_iter().map(Result::unwrap).enumerate();
                found.extend(items.map(|(place, number)| (format!("table {place}"), number)));
            }
            _ => {}
        }
    }
    found.into_iter().map(|(name, number)| (name, meaning(&bodies, number, 3))).collect()
}

fn meaning(bodies: &[wasmparser::FunctionBody<'_>], number: u32, depth: u32) -> String {
    let Some(body) = (number > 0 && depth > 0).then(|| &bodies[number as usize - 1]) else {
        return format!("{}", number == 0);
    };
    let mut seen = vec![0];
    let mut local = |number| {
        if !seen.contains(&number) {
            seen.push(number);
        }
        seen.iter().position(|known| *known == number).unwrap()
    };
    let said = body.get_operators_reader().unwrap().into_iter().map(|operator| match operator.unwrap() {
        Operator::Call { function_index } => format!("[{}]", meaning(bodies, function_index, depth - 1)),
        Operator::LocalGet { local_index } => format!("get {}", local(local_index)),
        Operator::LocalSet { local_index } => format!("set {}", local(local_index)),
        Operator::LocalTee { local_index } => format!("tee {}", local(local_index)),
        other => format!("{other:?}"),
    });
    said.collect::<Vec<_>>().join(", ")
}

fn written(wasm: &[u8]) -> Vec<Vec<u8>> {
    Functions::read(wasm).unwrap().bodies.iter().map(|body| body.encode(Ok).unwrap()).collect()
}

#[test]
fn what_is_there_twice_is_written_once_and_so_is_who_calls_it() {
    assert_eq!(written(&sample()).len(), 6);
    assert_eq!(written(&arrange(&sample()).unwrap()).len(), 4);
}

#[test]
fn everything_does_what_it_did() {
    assert_eq!(meanings(&arrange(&sample()).unwrap()), meanings(&sample()));
}

#[test]
fn locals_of_a_type_are_numbered_by_how_often_they_are_named() {
    let mut expected = Function::new([(2, ValType::I32), (1, ValType::I64), (2, ValType::I32)]);
    let mut code = expected.instructions();
    code.i64_const(5).local_set(3).local_get(0).local_tee(1).local_set(4);
    code.local_get(4).local_get(4).i32_add().local_get(1).i32_add().end();
    let all = written(&arrange(&sample()).unwrap());
    assert!(all.contains(&expected.into_raw_body()), "{all:?}");
}

#[test]
fn what_is_arranged_stays_as_it_is() {
    let once = arrange(&sample()).unwrap();
    assert_eq!(arrange(&once).unwrap(), once);
}

#[test]
fn like_follows_like() {
    let check = |all: &[(u32, &str)], expected: &[usize]| {
        let all: Vec<_> = all.iter().map(|(kind, code)| (*kind, code.as_bytes())).collect();
        assert_eq!(alike::one_after_another(&all), expected);
    };
    check(&[], &[]);
    check(
        &[(0, "one and one"), (0, "something else"), (0, "one and two"), (0, "anything else")],
        &[0, 2, 1, 3],
    );
    // Of two that are as alike the one of the same type, and else the first.
    check(&[(0, "one and one"), (1, "one and two"), (0, "one and six")], &[0, 2, 1]);
    check(&[(0, "one and one"), (1, "one and two"), (1, "one and six")], &[0, 1, 2]);
    // Nothing is alike: as they stand.
    check(&[(0, "one"), (0, "one"), (0, "two")], &[0, 1, 2]);
}

#[test]
fn what_is_no_module_is_an_error() {
    assert!(arrange(b"\0asm").is_err());
}
