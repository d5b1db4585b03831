// Runs in every page before its own scripts; `capture` replaces what the page asks of the camera, but for which one,
// and `none` makes a machine without devices of any; `relay` makes a network that lets nothing through but to relays.
// `e2e.unplug(kind)` takes away the device of that kind that is in use, and `e2e.plug()` brings all back. Changes
// nothing else, and remembers in `window.e2e` what only the page would know.
({ capture, none, relay }) => {
  if (window.e2e) return;
  const e2e = (window.e2e = { asked: 0, tracks: [], peers: [], sockets: [], errors: [] });
  window.addEventListener("click", () => (e2e.clicked = performance.now()), { capture: true });
  window.addEventListener("error", (event) => e2e.errors.push(String(event.message)));
  // What the page looks like before its program starts.
  document.addEventListener("readystatechange", () => (e2e.theme ??= document.documentElement.dataset.theme));
  // When each element began to play: an event that does not bubble, so it is caught on its way down.
  e2e.played = new WeakMap();
  window.addEventListener("playing", ({ target }) => e2e.played.set(target, performance.now()), { capture: true });
  const logged = console.error;
  console.error = (...what) => {
    e2e.errors.push(what.map(String).join(" "));
    logged.apply(console, what);
  };
  const devices = navigator.mediaDevices;
  const ask = devices?.getUserMedia.bind(devices);
  if (devices) {
    // By id.
    const unplugged = new Set();
    const listed = devices.enumerateDevices.bind(devices);
    devices.enumerateDevices = async () => (none ? [] : (await listed()).filter((d) => !unplugged.has(d.deviceId)));
    // What a kind is asked for, among the devices that are plugged in.
    const among = async (kind, wished) => {
      if (!wished || !unplugged.size) return wished;
      const there = (await devices.enumerateDevices()).filter((device) => device.kind === kind).map((d) => d.deviceId);
      const exact = wished.deviceId?.exact;
      if (!there.length || (exact && !there.includes(exact))) throw new DOMException("gone", "NotFoundError");
      return { ...wished, deviceId: { exact: exact ?? there[0] } };
    };
    devices.getUserMedia = async ({ audio, video }) => {
      e2e.asked += 1;
      e2e.wished = { audio, video };
      if (none) throw new DOMException("Requested device not found", "NotFoundError");
      const picture = video && { ...capture, ...(video.deviceId && { deviceId: video.deviceId }) };
      const stream = await ask({
        audio: await among("audioinput", audio),
        video: await among("videoinput", picture),
      });
      e2e.tracks.push(...stream.getTracks());
      return stream;
    };
    e2e.used = (kind) => e2e.tracks.findLast((track) => track.kind === kind && track.readyState === "live");
    e2e.unplug = (kind) => {
      const track = e2e.used(kind);
      unplugged.add(track.getSettings().deviceId);
      track.stop();
      track.dispatchEvent(new Event("ended"));
      devices.dispatchEvent(new Event("devicechange"));
    };
    e2e.plug = () => {
      unplugged.clear();
      devices.dispatchEvent(new Event("devicechange"));
    };
  }
  // A copy holds the device as well.
  const copy = MediaStreamTrack.prototype.clone;
  MediaStreamTrack.prototype.clone = function () {
    const copied = copy.call(this);
    if (e2e.tracks.includes(this)) e2e.tracks.push(copied);
    return copied;
  };
  // The last short message of each kind, either way; long ones are compressed.
  e2e.said = {};
  const note = (by, data) => {
    if (typeof data === "string") e2e.said[`${by} ${JSON.parse(data).type}`] = data;
  };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...address) {
      super(...address);
      e2e.sockets.push(this);
      this.addEventListener("message", ({ data }) => note("server:", data));
    }
    send(data) {
      note("client:", data);
      super.send(data);
    }
  };
  // The program's memory, which only ever grows.
  const start = WebAssembly.instantiateStreaming;
  WebAssembly.instantiateStreaming = async (...source) => {
    const started = await start.apply(WebAssembly, source);
    e2e.memory = Object.values(started.instance.exports).find((one) => one instanceof WebAssembly.Memory);
    return started;
  };
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...configuration) {
      super(...configuration);
      e2e.peers.push(this);
    }
    // What goes straight is swallowed on the way.
    setRemoteDescription(description) {
      const swallowed = relay && !this.getConfiguration().iceServers?.length;
      const lost = (sdp) => sdp.replace(/^(a=candidate:\S+ \d+ \S+ \d+) \S+ \d+/gm, "$1 192.0.2.254 9");
      return super.setRemoteDescription(swallowed ? { type: description.type, sdp: lost(description.sdp) } : description);
    }
    setConfiguration(configuration) {
      return super.setConfiguration(relay ? { ...configuration, iceTransportPolicy: "relay" } : configuration);
    }
  };
}
