// A mail server for tests: keeps what it takes, refuses or defers the recipients it is told to.
import net from 'node:net';
import { atEnd } from './place.mjs';

export class Smtp {
  mails = []; // {from, to: [address], source}
  answers = new Map(); // recipient → the line to answer RCPT with
  sockets = new Set();

  static async start() {
    const smtp = new Smtp();
    await smtp.resume();
    atEnd(() => smtp.stop());
    return smtp;
  }

  // Also after stop(), on the same port.
  async resume() {
    this.server = net.createServer((socket) => this.#serve(socket));
    await new Promise((ready) => this.server.listen(this.port ?? 0, '127.0.0.1', ready));
    this.port = this.server.address().port;
    this.url = `smtp://127.0.0.1:${this.port}`;
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    if (this.server.listening) await new Promise((closed) => this.server.close(closed));
  }

  #serve(socket) {
    let text = '';
    let mail = null;
    let data = false;
    const say = (line) => socket.write(`${line}\r\n`);
    const commands = {
      EHLO: () => say('250 SMTPUTF8'),
      HELO: () => say('250 hello'),
      MAIL: (line) => (mail = { from: address(line), to: [], source: '' }) && say('250 ok'),
      RCPT: (line) => {
        const answer = this.answers.get(address(line));
        if (!answer) mail.to.push(address(line));
        say(answer ?? '250 ok');
      },
      DATA: () => (data = true) && say('354 go on'),
      QUIT: () => say('221 bye') && socket.end(),
    };
    this.sockets.add(socket);
    socket.on('close', () => this.sockets.delete(socket));
    say('220 test');
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      for (let end; (end = text.indexOf(data ? '\r\n.\r\n' : '\r\n')) >= 0; ) {
        const part = text.slice(0, end);
        text = text.slice(end + (data ? 5 : 2));
        if (data) {
          this.mails.push({ ...mail, source: Buffer.from(part, 'latin1').toString('utf8') });
          data = false;
          say('250 taken');
        } else {
          (commands[part.slice(0, 4).toUpperCase()] ?? (() => say('250 ok')))(part);
        }
      }
    });
  }
}

function address(line) {
  return line.match(/<([^>]*)>/)?.[1];
}
