//! L1T3, L3T3 and `L3T3_KEY` (appendix A.6.2, decode targets from the lowest up, as Chrome orders them).

use super::*;
use crate::codec::write::{Dependency, Structure, Template};
use proptest::prelude::*;

const fn template(
    spatial: u8,
    temporal: u8,
    dtis: &'static str,
    fdiffs: &'static [u32],
    chains: &'static [u32],
) -> Template {
    Template { spatial, temporal, dtis, fdiffs, chains }
}

const L1T3: Structure<'static> = Structure {
    offset: 1,
    templates: &[
        template(0, 0, "SSS", &[], &[0]),
        template(0, 0, "SSS", &[4], &[4]),
        template(0, 1, "-DS", &[2], &[2]),
        template(0, 2, "--D", &[1], &[1]),
        template(0, 2, "--D", &[1], &[3]),
    ],
    protected_by: &[0, 0, 0],
    sizes: &[(1280, 720)],
};

const L3T3: Structure<'static> = Structure {
    offset: 60, // its ids wrap to 10
    templates: &[
        template(0, 0, "SSSSSSSSS", &[], &[0, 0, 0]),
        template(0, 0, "SSSRRRRRR", &[12], &[12, 11, 10]),
        template(0, 1, "-DS-RR-RR", &[6], &[6, 5, 4]),
        template(0, 2, "--D--R--R", &[3], &[3, 2, 1]),
        template(0, 2, "--D--R--R", &[3], &[9, 8, 7]),
        template(1, 0, "---SSSSSS", &[1], &[1, 1, 1]),
        template(1, 0, "---SSSRRR", &[12, 1], &[1, 1, 1]),
        template(1, 1, "----DS-RR", &[6, 1], &[7, 6, 5]),
        template(1, 2, "-----D--R", &[3, 1], &[4, 3, 2]),
        template(1, 2, "-----D--R", &[3, 1], &[10, 9, 8]),
        template(2, 0, "------SSS", &[1], &[2, 1, 1]),
        template(2, 0, "------SSS", &[12, 1], &[2, 1, 1]),
        template(2, 1, "-------DS", &[6, 1], &[8, 7, 6]),
        template(2, 2, "--------D", &[3, 1], &[5, 4, 3]),
        template(2, 2, "--------D", &[3, 1], &[11, 10, 9]),
    ],
    protected_by: &[0, 0, 0, 1, 1, 1, 2, 2, 2],
    sizes: &[(320, 180), (640, 360), (1280, 720)],
};

const L3T3_KEY: Structure<'static> = Structure {
    offset: 0,
    templates: &[
        template(0, 0, "SSSSSSSSS", &[], &[0, 0, 0]),
        template(0, 0, "SSS------", &[12], &[12, 11, 10]),
        template(0, 1, "-DS------", &[6], &[6, 5, 4]),
        template(0, 2, "--D------", &[3], &[3, 2, 1]),
        template(0, 2, "--D------", &[3], &[9, 8, 7]),
        template(1, 0, "---SSSSSS", &[1], &[1, 1, 1]),
        template(1, 0, "---SSS---", &[12], &[1, 12, 11]),
        template(1, 1, "----DS---", &[6], &[7, 6, 5]),
        template(1, 2, "-----D---", &[3], &[4, 3, 2]),
        template(1, 2, "-----D---", &[3], &[10, 9, 8]),
        template(2, 0, "------SSS", &[1], &[2, 1, 1]),
        template(2, 0, "------SSS", &[12], &[2, 1, 12]),
        template(2, 1, "-------DS", &[6], &[8, 7, 6]),
        template(2, 2, "--------D", &[3], &[5, 4, 3]),
        template(2, 2, "--------D", &[3], &[11, 10, 9]),
    ],
    protected_by: &[0, 0, 0, 1, 1, 1, 2, 2, 2],
    sizes: &[],
};

/// A state that has seen `structure` with frame 0, and a descriptor of its template at `index`.
fn after(structure: Structure<'_>) -> DependencyState {
    let mut state = DependencyState::default();
    let keyframe =
        Dependency { template: structure.offset, structure: Some(structure), ..Dependency::default() };
    assert!(state.read(&keyframe.write()).unwrap().layer.is_some());
    state
}

fn of(structure: Structure<'_>, index: u8) -> Dependency<'static> {
    Dependency { template: (structure.offset + index) % 64, number: 1, ..Dependency::default() }
}

fn layer(spatial: u8, temporal: u8) -> LayerInfo {
    LayerInfo { spatial, temporal, ..LayerInfo::default() }
}

#[test]
fn bytes_of_a_keyframe_of_l1t3() {
    let bytes = [
        0xc1, 0x01, 0x02, // start, end, template 1, frame 258
        0x80, 0x22, // structure, nothing else | offset 000001 | 00010: three decode targets
        0x14, 0xea, 0xa8, 0x60, // layers: same 00, next 01, next 01, same 00, end 11 | SSS SSS -DS --D
        0x41, 0x4d, 0x14,
        0x10, // (--)D | fdiffs: 0, 1 0011 0, 1 0001 0, 1 0000 0, 1 0000 0 | 01: one chain
        0x20, 0x84, // (no bits for three targets protected by the only chain) 0 4 2 1 3
        0x27, 0x04, 0xff, 0x02, 0xcf, // | 1: resolutions | 1279 719, a bit across each
    ];
    let keyframe = Dependency {
        start: true,
        end: true,
        template: 1,
        number: 258,
        structure: Some(L1T3),
        ..Dependency::default()
    };
    assert_eq!(keyframe.write(), bytes);
    let mut state = DependencyState::default();
    assert_eq!(state.read(&bytes).unwrap().size, Some(FrameSize { width: 1280, height: 720 }));
    // Template 5 in three bytes, and with the decode targets that are active.
    for bytes in [&[0x45, 0x01, 0x03][..], &[0x45, 0x01, 0x03, 0x47]] {
        let expect = LayerInfo { frame_end: true, discardable: true, ..layer(0, 2) };
        assert_eq!(state.read(bytes).unwrap().layer, Some(expect));
    }
}

#[test]
fn every_template_of_every_structure_comes_back() {
    for structure in [L1T3, L3T3, L3T3_KEY] {
        let mut state = after(structure);
        for (index, template) in (0..).zip(structure.templates) {
            let frame = state.read(&of(structure, index).write()).unwrap();
            let found = frame.layer.unwrap();
            assert_eq!((found.spatial, found.temporal), (template.spatial, template.temporal));
            assert!(found.temporal_switch, "Chrome's can be gone up at any frame: {template:?}");
            // Only a keyframe and what is beside it in its picture.
            let in_picture = template.fdiffs.iter().all(|back| *back == 1) && template.temporal == 0;
            assert_eq!(found.spatial_switch, in_picture, "{template:?}");
            let top = template.dtis.chars().all(|dti| dti == '-' || dti == 'D');
            assert_eq!(found.discardable, top, "{template:?}");
            for (chain, diff) in template.chains.iter().enumerate() {
                assert_eq!(u32::from(frame.chain_diffs[chain]), *diff, "{template:?}");
            }
        }
        for (target, chain) in (0..).zip(structure.protected_by) {
            assert_eq!(state.chain_of(target / 3, target % 3).map(u32::from), Some(*chain));
        }
        assert_eq!(state.chain_of(3, 0), None);
        for (spatial, size) in (0..).zip(structure.sizes) {
            let known = state.size_of(spatial).map(|size| (size.width.into(), size.height.into()));
            assert_eq!(known, Some(*size));
        }
    }
}

#[test]
fn start_end_number_and_size_come_with_the_packet() {
    let mut state = DependencyState::default();
    let keyframe = Dependency {
        start: true,
        template: 60,
        number: 0xfffe,
        structure: Some(L3T3),
        ..Dependency::default()
    };
    let frame = state.read(&keyframe.write()).unwrap();
    assert_eq!((frame.number, frame.start, frame.end), (0xfffe, true, false));
    assert_eq!(frame.size, Some(FrameSize { width: 1280, height: 720 }));
    let expect = LayerInfo { frame_start: true, spatial_switch: true, ..LayerInfo::default() };
    assert_eq!(frame.layer, Some(expect));

    let next = state.read(&Dependency { end: true, ..of(L3T3, 6) }.write()).unwrap();
    assert_eq!(next.size, None, "only with the structure");
    assert_eq!(next.layer, Some(LayerInfo { frame_end: true, ..layer(1, 0) }));
}

#[test]
fn a_frame_may_differ_from_its_template() {
    let custom =
        |dependency: Dependency<'static>| after(L3T3).read(&dependency.write()).unwrap().layer.unwrap();
    // A refresh of layer 1 alone (A.6.1.2): it refers to its own picture's layer 0 only.
    let refresh = Dependency { dtis: Some("---SSSRRR"), fdiffs: Some(&[1]), ..of(L3T3, 6) };
    assert!(custom(refresh).spatial_switch);
    assert!(!custom(Dependency { fdiffs: Some(&[1, 12]), ..refresh }).spatial_switch);
    assert!(!custom(Dependency { fdiffs: Some(&[1, 4096]), ..refresh }).spatial_switch);
    assert!(!custom(Dependency { dtis: Some("---RRRRRR"), ..refresh }).spatial_switch);
    // Layer 0 is not sent: one frame back is another picture.
    assert!(!custom(Dependency { active: Some((9, 0b1_1111_1000)), ..refresh }).spatial_switch);

    // Later frames of its own temporal layer refer to it, and need more than it.
    let required = Dependency { dtis: Some("-RR-RR-RR"), ..of(L3T3, 2) };
    assert!(!custom(required).temporal_switch);
    assert!(custom(Dependency { dtis: Some("-SS-RR-RR"), ..required }).temporal_switch);
    assert!(!custom(Dependency { dtis: Some("---------"), ..required }).discardable);
    assert!(custom(Dependency { dtis: Some("-DD-DD-DD"), ..required }).discardable);

    let chains = Dependency { chains: Some(&[200, 0, 255]), ..of(L3T3, 2) };
    assert_eq!(after(L3T3).read(&chains.write()).unwrap().chain_diffs[..4], [200, 0, 255, 0]);
}

#[test]
fn a_layer_without_a_decode_target_of_its_own_switches_where_all_say_so() {
    // One decode target for all layers.
    let templates = [
        template(0, 0, "S", &[], &[]),
        template(0, 1, "S", &[1], &[]),
        template(0, 1, "R", &[1], &[]),
        template(0, 1, "D", &[1], &[]),
        template(1, 0, "S", &[1], &[]),
    ];
    let structure = Structure { offset: 0, templates: &templates, protected_by: &[], sizes: &[] };
    let mut state = after(structure);
    for (index, switch) in [(0, true), (1, true), (2, false), (3, false), (4, true)] {
        let found = state.read(&of(structure, index).write()).unwrap().layer.unwrap();
        assert_eq!(found.temporal_switch, switch, "{index}");
    }
    assert_eq!(state.chain_of(1, 1), None, "no chains");
}

#[test]
fn active_targets_are_those_of_the_latest_frame() {
    let mut state = after(L3T3);
    let refresh = |number, active| Dependency { fdiffs: Some(&[1]), number, active, ..of(L3T3, 6) }.write();
    let mut switches = |bytes: &[u8]| state.read(bytes).unwrap().layer.unwrap().spatial_switch;
    assert!(switches(&refresh(20, None)));
    assert!(!switches(&refresh(21, Some((9, 0b1_1111_1000)))));
    assert!(!switches(&refresh(22, None)));
    assert!(!switches(&refresh(19, Some((9, 0b1_1111_1111)))), "came late");
    assert!(switches(&refresh(23, Some((9, 0b1_1111_1111)))));
}

#[test]
fn without_its_structure_only_the_first_three_bytes_count() {
    let expect = Frame {
        number: 0x0102,
        start: true,
        end: true,
        layer: None,
        size: None,
        chain_diffs: ChainDiffs::default(),
    };
    for bytes in [&[0xc5, 1, 2][..], &[0xc5, 1, 2, 0x40, 0xfc]] {
        assert_eq!(DependencyState::default().read(bytes), Some(expect));
    }
    for bytes in [&[][..], &[0xc5], &[0xc5, 1]] {
        assert_eq!(after(L1T3).read(bytes), None);
    }
    // No template of this id.
    assert_eq!(after(L1T3).read(&[0xc0, 1, 2]), Some(expect));
    assert_eq!(after(L1T3).read(&[0xc6, 1, 2]), Some(expect));
}

#[test]
fn the_next_keyframe_brings_other_templates_and_late_packets_still_find_theirs() {
    let next = Structure { offset: 6, templates: &L1T3.templates[..2], ..L1T3 };
    let keyframe = |structure: Structure, number| {
        Dependency { template: structure.offset, number, structure: Some(structure), ..Dependency::default() }
            .write()
    };
    let temporal = |state: &mut DependencyState, id: u8| {
        state.read(&[id, 0, 9]).unwrap().layer.map(|layer| layer.temporal)
    };
    let mut state = after(L1T3);
    state.read(&keyframe(next, 100)).unwrap();
    assert_eq!(temporal(&mut state, 7), Some(0));
    assert_eq!(temporal(&mut state, 4), Some(2), "of the structure before");
    assert_eq!(temporal(&mut state, 8), None);

    // The earlier keyframe again, late: what is in use stays.
    let mut state = after(Structure { sizes: &[(640, 360)], ..next });
    state.read(&keyframe(L1T3, 0u16.wrapping_sub(LATE))).unwrap();
    assert_eq!(temporal(&mut state, 4), Some(2));
    assert_eq!(state.size_of(0), Some(FrameSize { width: 640, height: 360 }));
    state.read(&keyframe(next, 0u16.wrapping_sub(1))).unwrap();
    assert_eq!(state.size_of(0), Some(FrameSize { width: 640, height: 360 }));

    // Further back it is a new beginning.
    state.read(&keyframe(L1T3, 0u16.wrapping_sub(LATE + 1))).unwrap();
    assert_eq!(state.size_of(0), Some(FrameSize { width: 1280, height: 720 }));
}

#[test]
fn a_structure_cut_short_is_not_taken_up() {
    let whole = Dependency { template: 60, structure: Some(L3T3), ..Dependency::default() }.write();
    for len in 4..whole.len() {
        let mut state = DependencyState::default();
        let frame = state.read(&whole[..len]).unwrap();
        assert_eq!((frame.layer, frame.size), (None, None), "{len}");
        assert!(state.current.is_none());
    }
    // Nor one that the frame which carries it does not use.
    let other = Dependency { template: 20, structure: Some(L3T3), ..Dependency::default() }.write();
    let mut state = DependencyState::default();
    assert_eq!(state.read(&other).unwrap().layer, None);
    assert!(state.current.is_none());
}

#[test]
fn a_structure_of_too_many_layers_or_templates_is_refused() {
    let same = [template(0, 0, "S", &[], &[]); 65];
    let temporal: [_; 9] = std::array::from_fn(|at| Template { temporal: at.to_le_bytes()[0], ..same[0] });
    let spatial: [_; 5] = std::array::from_fn(|at| Template { spatial: at.to_le_bytes()[0], ..same[0] });
    for (templates, most) in [(&same[..], 64), (&temporal, 8), (&spatial, 4)] {
        for (count, taken) in [(most, true), (most + 1, false)] {
            let structure =
                Structure { offset: 0, templates: &templates[..count], protected_by: &[], sizes: &[] };
            let bytes = Dependency { structure: Some(structure), ..Dependency::default() }.write();
            let mut state = DependencyState::default();
            assert_eq!(state.read(&bytes).unwrap().layer.is_some(), taken, "{count}");
            assert_eq!(state.current.is_some(), taken, "{count}");
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(packets: Vec<Vec<u8>>) {
        let mut state = after(L3T3);
        for packet in packets {
            let _ = state.read(&packet);
        }
    }

    #[test]
    fn any_rest_of_a_structure_is_read_without_panic(
        at in 3_usize..100,
        noise: Vec<u8>,
        later: Vec<[u8; 8]>,
    ) {
        let mut bytes = Dependency { template: 60, structure: Some(L3T3), ..Dependency::default() }.write();
        bytes.splice(at.min(bytes.len()).., noise);
        let mut state = DependencyState::default();
        let _ = state.read(&bytes);
        for packet in later {
            if let Some(layer) = state.read(&packet).and_then(|frame| frame.layer) {
                prop_assert!(layer.spatial < 4 && layer.temporal < 8);
            }
        }
    }

    #[test]
    fn a_frame_s_own_fields_come_back(
        index in 0_u8..15,
        number: u16,
        active in proptest::option::of(1_u32..512),
        fdiffs in proptest::option::of(proptest::collection::vec(1_u32..=4096, 0..8)),
        chains in proptest::option::of([0_u32..256, 0..256, 0..256]),
    ) {
        let written = Dependency {
            number,
            active: active.map(|active| (9, active)),
            fdiffs: fdiffs.as_deref(),
            chains: chains.as_ref().map(|chains| &chains[..]),
            ..of(L3T3, index)
        };
        let frame = after(L3T3).read(&written.write()).unwrap();
        let template = &L3T3.templates[usize::from(index)];
        let layer = frame.layer.unwrap();
        prop_assert_eq!((layer.spatial, layer.temporal), (template.spatial, template.temporal));
        prop_assert_eq!(frame.number, number);
        let expect = chains.as_ref().map_or(template.chains, |chains| &chains[..]);
        prop_assert!(frame.chain_diffs.iter().zip(expect).all(|(is, wrote)| u32::from(*is) == *wrote));
        if template.spatial == 0 {
            let reaches = fdiffs.as_deref().unwrap_or(template.fdiffs);
            prop_assert_eq!(layer.spatial_switch, reaches.is_empty());
        }
    }
}
