//! What a packet of each codec says, with and without a dependency descriptor.

use super::*;
use crate::codec::H264Profile;
use crate::codec::write::{Dependency, Structure, Template, Vp8, Vp9};
use proptest::prelude::*;

const AV1: Codec = Codec::Av1 { profile: 0 };
const VP9: Codec = Codec::Vp9 { profile: 0 };
const H264: Codec = Codec::H264 { profile: H264Profile::ConstrainedBaseline, packetization_mode: 1 };

const CODECS: [Codec; 6] = [Codec::Opus, Codec::Red, Codec::Vp8, VP9, H264, AV1];

/// Two temporal layers.
const L1T2: Structure<'static> = Structure {
    offset: 0,
    templates: &[
        Template { spatial: 0, temporal: 0, dtis: "SS", fdiffs: &[], chains: &[] },
        Template { spatial: 0, temporal: 1, dtis: "-D", fdiffs: &[1], chains: &[] },
    ],
    protected_by: &[],
    sizes: &[(1280, 720)],
};

/// What is read of a frame of the upper layer, after a keyframe with the structure.
fn read_upper(codec: Codec, payload: &[u8]) -> (Descriptor, Descriptor) {
    let mut state = DependencyState::default();
    let keyframe = Dependency { start: true, structure: Some(L1T2), ..Dependency::default() }.write();
    let upper = Dependency { end: true, template: 1, number: 1, ..Dependency::default() }.write();
    let first = Descriptor::read(codec, payload, Some(&keyframe), &mut state);
    (first, Descriptor::read(codec, payload, Some(&upper), &mut state))
}

#[test]
fn the_dependency_descriptor_tells_the_layers_of_h264_and_av1() {
    for (codec, payload) in [(H264, &[0x41, 0x9a][..]), (AV1, &[0x10, 0x32, 1])] {
        let (keyframe, upper) = read_upper(codec, payload);
        assert_eq!(keyframe.size, Some(FrameSize { width: 1280, height: 720 }));
        assert!(keyframe.layer.frame_start && keyframe.layer.spatial_switch);
        assert_eq!(
            upper.layer,
            LayerInfo { temporal: 1, discardable: true, frame_end: true, ..LayerInfo::default() }
        );
        assert_eq!((keyframe.fields.frame_number, upper.fields.frame_number), (Some(0), Some(1)));
    }
}

#[test]
fn vp8_and_vp9_tell_their_own_layers() {
    let vp8 = Vp8 { temporal: 2, keyframe: Some((640, 480)), ..Vp8::default() }.write();
    let (keyframe, upper) = read_upper(Codec::Vp8, &vp8);
    assert_eq!((upper.layer.temporal, upper.layer.frame_end), (2, false));
    assert_eq!(upper.fields.frame_number, Some(1));
    assert_eq!(keyframe.size, Some(FrameSize { width: 640, height: 480 }), "as its header says");

    let vp9 = Vp9 { temporal: 2, begins: true, ..Vp9::default() }.write();
    let (keyframe, upper) = read_upper(VP9, &vp9);
    assert_eq!((upper.layer.temporal, upper.layer.frame_end), (2, false));
    assert_eq!(keyframe.size, Some(FrameSize { width: 1280, height: 720 }), "its header does not say");
}

#[test]
fn without_a_known_template_the_payload_counts() {
    let unknown = [0xc7, 0x01, 0x02];
    let found = Descriptor::read(AV1, &[0x18], Some(&unknown), &mut DependencyState::default());
    assert_eq!(found.keyframe, KeyframeStart::Complete);
    assert_eq!(found.fields.frame_number, Some(0x0102));
    let expect =
        LayerInfo { frame_start: true, frame_end: true, spatial_switch: true, ..LayerInfo::default() };
    assert_eq!(found.layer, expect);
}

#[test]
fn audio_has_no_layers() {
    for codec in [Codec::Opus, Codec::Red] {
        let found = Descriptor::read(codec, &[0xff; 20], Some(&[0xff; 3]), &mut DependencyState::default());
        assert_eq!(found, Descriptor::default());
    }
}

proptest! {
    #[test]
    fn any_payload_of_any_codec_is_read_without_panic(
        payload: Vec<u8>,
        dependency: Option<Vec<u8>>,
        cut in 0_usize..40,
    ) {
        let mut state = DependencyState::default();
        for codec in CODECS {
            let _ = Descriptor::read(codec, &payload, dependency.as_deref(), &mut state);
            let short = payload.get(..cut).unwrap_or(&payload);
            let _ = Descriptor::read(codec, short, dependency.as_deref(), &mut state);
        }
    }

    #[test]
    fn vp8_comes_back(
        picture_id in 0_u16..0x8000,
        tl0_pic_idx: u8,
        temporal in 0_u8..4,
        layer_sync: bool,
        key_idx in 0_u8..32,
        discardable: bool,
        keyframe in proptest::option::of((1_u16..0x4000, 1_u16..0x4000)),
    ) {
        let written = Vp8 { picture_id, tl0_pic_idx, temporal, layer_sync, key_idx, discardable, keyframe };
        let found = Descriptor::read(Codec::Vp8, &written.write(), None, &mut DependencyState::default());
        let fields = PictureFields {
            picture_id: Some(PictureId { at: 2, value: picture_id, wide: true }),
            tl0_pic_idx: Some(ByteField { at: 4, value: tl0_pic_idx }),
            key_idx: Some(ByteField { at: 5, value: key_idx }),
            frame_number: None,
        };
        let layer = LayerInfo {
            temporal,
            temporal_switch: layer_sync || temporal == 0,
            spatial_switch: keyframe.is_some(),
            frame_start: true,
            discardable,
            ..LayerInfo::default()
        };
        prop_assert_eq!((found.fields, found.layer), (fields, layer));
        prop_assert_eq!(found.keyframe == KeyframeStart::Complete, keyframe.is_some());
        prop_assert_eq!(found.size, keyframe.map(|(width, height)| FrameSize { width, height }));
    }

    #[test]
    fn vp9_comes_back(
        picture_id in 0_u16..0x8000,
        (begins, ends, switch, inter_layer) in any::<(bool, bool, bool, bool)>(),
        temporal in 0_u8..8,
        spatial in 0_u8..8,
        references in proptest::collection::vec(1_u8..128, 0..=3),
        sizes in proptest::collection::vec((1_u16.., 1_u16..), 0..=8),
    ) {
        let size = sizes.last().map(|(width, height)| FrameSize { width: *width, height: *height });
        let predicted = !references.is_empty();
        let written =
            Vp9 { picture_id, begins, ends, temporal, spatial, switch, inter_layer, references, sizes };
        let found = Descriptor::read(VP9, &written.write(), None, &mut DependencyState::default());
        let layer = LayerInfo {
            spatial,
            temporal,
            temporal_switch: switch || temporal == 0,
            spatial_switch: !predicted,
            frame_start: begins,
            frame_end: ends,
            discardable: false,
        };
        prop_assert_eq!(found.layer, layer);
        prop_assert_eq!(found.size, size);
        prop_assert_eq!(found.fields.picture_id.map(|id| id.value), Some(picture_id));
        prop_assert_eq!(found.keyframe == KeyframeStart::Complete, begins && !predicted && spatial == 0);
    }
}
