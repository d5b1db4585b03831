// Runs in every page before its own scripts; `capture` replaces what the page asks of the camera, and `none`
// makes a machine without devices of any. Changes nothing else, and remembers in `window.e2e` what only the
// page would know.
({ capture, none }) => {
  if (window.e2e) return;
  const e2e = (window.e2e = { asked: 0, tracks: [], peers: [], sockets: [], errors: [] });
  window.addEventListener("click", () => (e2e.clicked = performance.now()), { capture: true });
  window.addEventListener("error", (event) => e2e.errors.push(String(event.message)));
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
    devices.getUserMedia = async (constraints) => {
      e2e.asked += 1;
      if (none) throw new DOMException("Requested device not found", "NotFoundError");
      const stream = await ask(constraints.video ? { ...constraints, video: capture } : constraints);
      e2e.tracks.push(...stream.getTracks());
      return stream;
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
  };
}
