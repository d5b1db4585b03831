// What a page shows now, as `View` in view.rs reads it.
const text = (id) => document.querySelector(`[data-testid="${id}"]`)?.textContent.trim() ?? null;
const visible = (element) => element.getClientRects().length > 0;
const all = (id, inside = document) => [...inside.querySelectorAll(`[data-testid="${id}"]`)].filter(visible);
const e2e = window.e2e ?? { asked: 0, tracks: [], peers: [], errors: [] };
// A browser's name for a received track in its statistics is not always the track's id; the m-line's is.
const lines = e2e.peers.filter((peer) => peer.connectionState !== "closed").flatMap((peer) => peer.getTransceivers());
// A direct connection is the one whose lines go both ways; its m-lines are named as `madangStats` names them.
const straight = new Set(
  e2e.peers.flatMap((peer) => {
    const lines = peer.connectionState === "closed" ? [] : peer.getTransceivers();
    return lines.some((line) => line.direction === "sendrecv") ? lines : [];
  }),
);
const name = (line, id) => (straight.has(line) ? `direct-${id}-${line.mid}` : line.mid);
const picture = (video, id) => {
  const track = video?.srcObject?.getVideoTracks()[0];
  if (!track || !video.classList.contains("playing") || !video.videoWidth) return null;
  const line = lines.find((line) => line.receiver.track === track);
  const played = e2e.played?.get(video) - e2e.clicked;
  return { mid: line ? name(line, id) : null, width: video.videoWidth, height: video.videoHeight, since_click: played || null };
};
const tile = (element) => ({
  id: element.dataset.participantId,
  own: element.dataset.self === "true",
  name: element.dataset.name,
  caption: all("tile-name", element)[0]?.textContent ?? "",
  elements: [...new Set([...element.querySelectorAll(".name *")].map((e) => e.localName))],
  muted: all("badge-muted", element).length > 0,
  avatar: all("tile-avatar", element).length > 0,
  picture: picture(element.querySelector("video"), element.dataset.participantId),
});
return {
  path: location.pathname,
  ids: [...new Set([...document.querySelectorAll("[data-testid]")].filter(visible).map((e) => e.dataset.testid))],
  enabled: [...document.querySelectorAll("button[data-testid]:enabled")].filter(visible).map((e) => e.dataset.testid),
  people: document.querySelector('[data-testid="people-count"]')?.getAttribute("aria-label") ?? null,
  status: text("status"),
  lobby_notice: text("lobby-notice"),
  device_notice: text("device-notice"),
  preview: document.querySelector('[data-testid="preview-video"].playing')?.videoWidth > 0,
  tiles: all("tile").map(tile),
  asked: e2e.asked,
  live_tracks: e2e.tracks.filter((track) => track.readyState === "live").length,
  open_peers: e2e.peers.filter((peer) => peer.connectionState !== "closed").length,
  sockets: e2e.sockets?.length ?? 0,
  said: Object.values(e2e.said ?? {}),
  errors: e2e.errors.slice(-5),
};
