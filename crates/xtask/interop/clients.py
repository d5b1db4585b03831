"""Other people's WHIP and WHEP clients against a running server: `cargo xtask interop` starts both.

    clients.py http://127.0.0.1:8080 [--without gstreamer]

Each case publishes with one client and plays with another, and counts what is decoded. aiortc speaks both protocols
here by aiohttp; FFmpeg is the library inside PyAV, with its own WHIP muxer; GStreamer is whipsink and whepsrc.
"""

import asyncio
import datetime
import fractions
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

# As many frames, of pictures and of sound, must be decoded for a case to pass.
ENOUGH = {"video": 30, "audio": 50}
# A case that has not come so far by then has failed. Seconds.
PATIENCE = 40

SDP = {"Content-Type": "application/sdp", "Authorization": "Bearer none"}


class Visit:
    """One aiortc connection and the HTTP session that stands for it."""

    def __init__(self, base):
        import aiohttp
        import aiortc

        self.base, self.http, self.pc = base, aiohttp.ClientSession(), aiortc.RTCPeerConnection()
        self.decoded, self.tasks, self.resource = {}, [], None

    async def offer(self, path, rewrite=lambda sdp: sdp):
        import aiortc

        await self.pc.setLocalDescription(await self.pc.createOffer())
        sdp = rewrite(self.pc.localDescription.sdp)
        async with self.http.post(self.base + path, data=sdp, headers=SDP) as response:
            answer = await response.text()
            assert response.status == 201, f"{response.status} {answer}"
            assert response.headers["ETag"] and response.headers["Content-Type"] == "application/sdp"
            self.resource = self.base + response.headers["Location"]
        await self.pc.setRemoteDescription(aiortc.RTCSessionDescription(answer, "answer"))

    async def publish(self, path, kinds, rewrite=lambda sdp: sdp):
        import aiortc

        tracks = {"audio": aiortc.AudioStreamTrack, "video": aiortc.VideoStreamTrack}
        for kind in kinds:
            self.pc.addTransceiver(tracks[kind](), direction="sendonly")
        await self.offer(path, rewrite)

    async def play(self, path, kinds):
        self.pc.on("track", lambda track: self.tasks.append(asyncio.ensure_future(self.count(track))))
        for kind in kinds:
            self.pc.addTransceiver(kind, direction="recvonly")
        await self.offer(path)

    async def count(self, track):
        while True:
            await track.recv()
            self.decoded[track.kind] = self.decoded.get(track.kind, 0) + 1

    async def enough(self, kinds):
        deadline = time.monotonic() + PATIENCE
        while any(self.decoded.get(kind, 0) < ENOUGH[kind] for kind in kinds):
            assert time.monotonic() < deadline, f"decoded {self.decoded} only"
            await asyncio.sleep(0.1)

    async def leave(self):
        for task in self.tasks:
            task.cancel()
        if self.resource:
            async with self.http.delete(self.resource) as response:
                assert response.status == 200, response.status
            async with self.http.delete(self.resource) as response:
                assert response.status == 404, response.status
        await self.pc.close()
        await self.http.close()


def played_by_aiortc(kinds, publisher):
    """A case: a publisher of these kinds, as a context, and aiortc that plays it by its name."""

    async def case(base, room):
        player = Visit(base)
        try:
            async with publisher(base, f"/whip/{room}?name=Stage"):
                await player.play(f"/whep/{room}?participant=Stage", kinds)
                await player.enough(kinds)
        finally:
            await player.leave()
        return player.decoded

    return case


class Aiortc:
    def __init__(self, kinds, setup="actpass"):
        self.kinds, self.setup = kinds, setup

    def __call__(self, base, path):
        self.visit, self.path = Visit(base), path
        return self

    async def __aenter__(self):
        rewrite = lambda sdp: sdp.replace("a=setup:actpass", f"a=setup:{self.setup}")
        await self.visit.publish(self.path, self.kinds, rewrite)

    async def __aexit__(self, *_):
        await self.visit.leave()


class Process:
    """A publisher that is a process of its own, ended by its id."""

    def __init__(self, command):
        self.command = command

    def __call__(self, base, path):
        self.words = self.command(base + path)
        return self

    async def __aenter__(self):
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(self.words, stdout=self.log, stderr=subprocess.STDOUT)

    async def __aexit__(self, failure, *_):
        self.process.terminate()
        self.process.wait()
        if failure:
            self.log.seek(0)
            print(self.log.read().decode(errors="replace")[-2000:], file=sys.stderr)


def ffmpeg(url):
    return [sys.executable, __file__, "--ffmpeg", url]


def gstreamer(encoder):
    video = {
        "VP8": "vp8enc deadline=1 cpu-used=8 ! rtpvp8pay",
        "H264": "x264enc tune=zerolatency speed-preset=ultrafast key-int-max=60 bitrate=800"
        " ! video/x-h264,profile=constrained-baseline ! rtph264pay config-interval=-1 aggregate-mode=zero-latency",
    }[encoder]
    return lambda url: shlex.split(
        f"gst-launch-1.0 whipsink name=whip whip-endpoint='{url}'"
        f" videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=30/1 ! {video}"
        f" ! application/x-rtp,media=video,encoding-name={encoder},payload=96,clock-rate=90000 ! whip.sink_0"
        " audiotestsrc is-live=true ! audioconvert ! opusenc ! rtpopuspay"
        " ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000 ! whip.sink_1"
    )


async def gstreamer_plays(base, room):
    publisher = Visit(base)
    rtp = "application/x-rtp,payload={},encoding-name={},media={},clock-rate={}"
    command = (
        f"gst-launch-1.0 -v whepsrc name=ws whep-endpoint='{base}/whep/{room}'"
        f" video-caps='{rtp.format(101, 'VP8', 'video', 90000)}' audio-caps='{rtp.format(96, 'OPUS', 'audio', 48000)}'"
        " ws. ! queue ! decodebin ! fakesink silent=false sync=false"
        " ws. ! queue ! decodebin ! fakesink silent=false sync=false"
    )
    await publisher.publish(f"/whip/{room}?name=Stage", ["audio", "video"])
    process = await asyncio.create_subprocess_exec(*shlex.split(command), stdout=asyncio.subprocess.PIPE)
    sinks, decoded = {}, {}
    try:
        async with asyncio.timeout(PATIENCE):
            async for line in process.stdout:
                line = line.decode(errors="replace")
                if found := re.search(r"(fakesink\d)\.GstPad:sink: caps = (audio|video)/x-raw", line):
                    sinks[found[1]] = found[2]
                elif found := re.search(r"(fakesink\d): last-message = chain", line):
                    kind = sinks[found[1]]
                    decoded[kind] = decoded.get(kind, 0) + 1
                    if all(decoded.get(kind, 0) >= enough for kind, enough in ENOUGH.items()):
                        break
    except TimeoutError:
        raise AssertionError(f"decoded {decoded} only") from None
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await publisher.leave()
    assert all(decoded.get(kind, 0) >= enough for kind, enough in ENOUGH.items()), f"decoded {decoded} only"
    return decoded


def publish_by_ffmpeg(url):
    """What the process of an FFmpeg publisher does: H.264 and Opus in real time, until it is ended."""
    import av
    import numpy

    # The DTLS library inside PyAV makes P-224 keys by itself, which WebRTC does not know (RFC 8827 §6.5).
    folder = tempfile.mkdtemp()
    key, certificate = identity(folder)
    output = av.open(url, "w", format="whip", options={"cert_file": certificate, "key_file": key})
    video = output.add_stream("libx264", rate=30)
    video.width, video.height, video.pix_fmt = 640, 360, "yuv420p"
    video.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline", "bf": "0", "g": "30"}
    audio = output.add_stream("libopus", rate=48000)
    audio.layout = "stereo"
    start, frames, samples = time.monotonic(), 0, 0
    while True:
        picture = numpy.full((360, 640, 3), frames * 3 % 255, numpy.uint8)
        frame = av.VideoFrame.from_ndarray(picture, "rgb24")
        frame.pts, frame.time_base = frames, fractions.Fraction(1, 30)
        output.mux(video.encode(frame))
        while samples < (frames + 1) * 1600:
            wave = (numpy.sin(numpy.arange(samples, samples + 960) * 0.0576) * 8000).astype(numpy.int16)
            sound = av.AudioFrame.from_ndarray(numpy.repeat(wave, 2).reshape(1, -1), "s16", "stereo")
            sound.sample_rate, sound.pts, sound.time_base = 48000, samples, fractions.Fraction(1, 48000)
            output.mux(audio.encode(sound))
            samples += 960
        frames += 1
        time.sleep(max(0, start + frames / 30 - time.monotonic()))


def identity(folder):
    """A P-256 key and its certificate, as files."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "interop")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(days=2))
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    files = {"key.pem": private, "certificate.pem": builder.sign(key, hashes.SHA256()).public_bytes(pem)}
    for name, text in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(text)
    return [os.path.join(folder, name) for name in files]


BOTH = ["audio", "video"]
CASES = {
    "aiortc → aiortc, audio and video": played_by_aiortc(BOTH, Aiortc(BOTH)),
    "aiortc → aiortc, audio alone": played_by_aiortc(["audio"], Aiortc(["audio"])),
    "aiortc → aiortc, video alone": played_by_aiortc(["video"], Aiortc(["video"])),
    "aiortc → aiortc, setup:active": played_by_aiortc(BOTH, Aiortc(BOTH, "active")),
    "aiortc → aiortc, setup:passive": played_by_aiortc(BOTH, Aiortc(BOTH, "passive")),
    "FFmpeg → aiortc, H.264 and Opus, setup:passive": played_by_aiortc(BOTH, Process(ffmpeg)),
}
GSTREAMER = {
    "GStreamer → aiortc, VP8 and Opus": played_by_aiortc(BOTH, Process(gstreamer("VP8"))),
    "GStreamer → aiortc, H.264 and Opus": played_by_aiortc(BOTH, Process(gstreamer("H264"))),
    "aiortc → GStreamer, VP8 and Opus": gstreamer_plays,
}


async def main(base, without):
    import av

    cases = dict(CASES)
    if "gstreamer" not in without:
        missing = "no whipsink in GStreamer: set GST_PLUGIN_PATH, or give `--without gstreamer`"
        inspect = shutil.which("gst-inspect-1.0")
        assert inspect and subprocess.run([inspect, "whipsink"], capture_output=True).returncode == 0, missing
        cases |= GSTREAMER
    assert "whip" in av.formats_available, "no WHIP muxer in PyAV: it needs FFmpeg 8"
    failed = 0
    for number, (name, case) in enumerate(cases.items()):
        try:
            decoded = await case(base, f"case-{number}")
            print(f"ok      {name}: decoded {decoded}", flush=True)
        except Exception as error:  # whatever it is, the other cases tell more
            failed += 1
            print(f"FAILED  {name}: {error!r}", flush=True)
    print(f"{len(cases) - failed} of {len(cases)} passed" + "".join(f", without {name}" for name in without))
    return failed


if __name__ == "__main__":
    if sys.argv[1] == "--ffmpeg":
        publish_by_ffmpeg(sys.argv[2])
    else:
        sys.exit(1 if asyncio.run(main(sys.argv[1], sys.argv[3:])) else 0)
