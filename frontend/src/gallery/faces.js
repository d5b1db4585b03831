// Made-up pictures for the gallery: each number is one face in one room, and always the same.

const WIDTH = 640, HEIGHT = 360;
const WALLS = ["#d9cbb2", "#a8b5a2", "#c9b7a6", "#8fa3ad", "#e2d6c2", "#6f7f78", "#b9a08a", "#57646b", "#cfd3c4"];
const SKIN = ["#f1cfb4", "#d9a57f", "#8d5a3c", "#e8bd9c", "#5f3b28", "#c98f68", "#f4d9c6"];
const HAIR = ["#2b211c", "#5b3a24", "#1b1a1f", "#8a6a44", "#b9b3aa", "#3a2b2e", "#a4532c"];
const CLOTHES = ["#2f6354", "#a4402c", "#33475b", "#7a6a8a", "#c08a3a", "#4b4b45", "#e7e0d2", "#5d7f9b"];

const of = (list, number, step) => list[(number * step) % list.length];

const shape = (c, colour, draw) => {
  c.fillStyle = colour;
  c.beginPath();
  draw();
  c.fill();
};

const room = (c, number) => {
  const light = c.createLinearGradient(number % 2 ? 0 : WIDTH, 0, number % 2 ? WIDTH : 0, HEIGHT);
  light.addColorStop(0, of(WALLS, number, 4));
  light.addColorStop(1, of(WALLS, number + 1, 4));
  c.fillStyle = light;
  c.fillRect(0, 0, WIDTH, HEIGHT);
  c.globalAlpha = 0.55;
  if (number % 3 === 0) {
    // A window.
    c.fillStyle = "#f6f2e4";
    c.fillRect(60, 40, 130, 170);
    c.fillStyle = of(WALLS, number, 7);
    c.fillRect(120, 40, 8, 170);
    c.fillRect(60, 118, 130, 8);
  } else if (number % 3 === 1) {
    // A shelf.
    c.fillStyle = "#7a5b3e";
    for (const y of [90, 170]) c.fillRect(440, y, 180, 8);
    for (let book = 0; book < 9; book += 1) {
      c.fillStyle = of(CLOTHES, number + book, 3);
      const height = 36 + ((number * 7 + book * 13) % 26);
      c.fillRect(448 + book * 17, 90 - height, 13, height);
    }
  } else {
    // A plant.
    c.fillStyle = "#8a5a3c";
    c.fillRect(70, 270, 70, 90);
    for (let leaf = 0; leaf < 7; leaf += 1) {
      shape(c, leaf % 2 ? "#4f7a55" : "#3c6349", () =>
        c.ellipse(105 + (leaf - 3) * 17, 200 - (leaf % 3) * 26, 16, 62, (leaf - 3) * 0.32, 0, 7),
      );
    }
  }
  c.globalAlpha = 1;
};

const person = (c, number, sway) => {
  const x = WIDTH / 2 + ((number * 37) % 60) - 30 + sway * 3, y = 160 + ((number * 11) % 24) + sway;
  const skin = of(SKIN, number, 3), hair = of(HAIR, number, 5), long = number % 4 < 2;
  if (long) shape(c, hair, () => c.ellipse(x, y + 34, 84, 118, 0, 0, 7));
  shape(c, of(CLOTHES, number, 5), () => {
    c.moveTo(x - 175, HEIGHT);
    c.bezierCurveTo(x - 165, y + 130, x - 60, y + 118, x, y + 116);
    c.bezierCurveTo(x + 60, y + 118, x + 165, y + 130, x + 175, HEIGHT);
  });
  shape(c, skin, () => c.roundRect(x - 26, y + 50, 52, 84, 24));
  shape(c, skin, () => c.ellipse(x, y, 66, 84, 0, 0, 7));
  shape(c, hair, () => {
    c.ellipse(x, y - 34, 70, 58, 0, Math.PI, 0);
    if (number % 3) c.quadraticCurveTo(x + 30, y - 66, x - 70, y - 34);
    else c.quadraticCurveTo(x - 30, y - 70, x - 70, y - 34);
  });
  for (const side of [-25, 25]) shape(c, "#2a211c", () => c.ellipse(x + side, y + 2, 5.5, 6.5, 0, 0, 7));
  c.strokeStyle = "#2a211c";
  c.lineWidth = 4;
  c.lineCap = "round";
  c.beginPath();
  c.arc(x, y + 26, 22, 0.5, Math.PI - 0.5);
  c.stroke();
  if (number % 5 === 1) {
    for (const side of [-27, 27]) {
      c.beginPath();
      c.arc(x + side, y + 2, 20, 0, 7);
      c.stroke();
    }
    c.beginPath();
    c.moveTo(x - 7, y);
    c.lineTo(x + 7, y);
    c.stroke();
  }
};

const page = (c) => {
  c.fillStyle = "#fffdf8";
  c.fillRect(0, 0, c.canvas.width, c.canvas.height);
  c.fillStyle = "#2f6354";
  c.fillRect(0, 0, c.canvas.width, 18);
  c.fillStyle = "#2a2520";
  c.font = "600 58px system-ui, sans-serif";
  c.fillText("Where the water goes", 90, 150);
  c.fillStyle = "#6b6154";
  c.font = "30px system-ui, sans-serif";
  for (const [line, text] of ["Rain over the four courtyards, by month", "Gutters mended since spring: 11 of 14"].entries()) {
    c.fillText(text, 90, 216 + line * 46);
  }
  for (let month = 0; month < 12; month += 1) {
    const height = 90 + Math.abs(Math.sin(month * 0.7 + 0.4)) * 250;
    c.fillStyle = month === 6 ? "#a4402c" : "#86bba4";
    c.fillRect(90 + month * 92, 640 - height, 62, height);
  }
};

const play = (canvas, rate) => {
  const [track] = canvas.captureStream(rate).getVideoTracks();
  return track;
};

const canvas = (width, height) => Object.assign(document.createElement("canvas"), { width, height });

export function face(number) {
  const c = canvas(WIDTH, HEIGHT).getContext("2d");
  let time = 0;
  const draw = () => {
    room(c, number);
    person(c, number, Math.sin(number + time++ / 2) * 4);
  };
  draw();
  // A picture that begins to be shown later wants a new one.
  setInterval(draw, 500);
  return play(c.canvas, 2);
}

export function shared() {
  const c = canvas(1280, 720).getContext("2d");
  page(c);
  setInterval(() => page(c), 500);
  return play(c.canvas, 2);
}
