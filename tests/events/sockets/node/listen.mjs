// node listen.mjs ADDRESS COUNT: prints "open", then the ids of the first COUNT events as JSON.
import WebSocket from "ws";

const [, , address, count] = process.argv;
const socket = new WebSocket(address);
const found = [];
socket.on("open", () => console.log("open"));
socket.on("message", (data, isBinary) => {
  if (isBinary) throw new Error("an event came as a binary frame");
  found.push(JSON.parse(data.toString()).event.id);
  if (found.length === Number(count)) {
    console.log(JSON.stringify(found));
    socket.close(1000);
  }
});
