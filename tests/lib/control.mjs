// The control socket of a test build: the business clock, due jobs, the cache.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

// Sends one line and returns the words after `ok`; an `error` answer is thrown. The process behind
// the socket may start a moment after the ones that serve.
export async function control(path, line) {
  for (let tries = 0; ; tries++) {
    try {
      return await say(path, line);
    } catch (error) {
      if (!['ENOENT', 'ECONNREFUSED'].includes(error.code) || tries === 100) throw error;
      await sleep(50);
    }
  }
}

function say(path, line) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(path, () => socket.write(`${line}\n`));
    socket.setTimeout(60_000, () => socket.destroy(new Error(`control "${line}": no answer`)));
    socket.on('data', (data) => {
      answer += data;
      if (!answer.includes('\n')) return;
      socket.destroy();
      const [word, ...rest] = answer.trim().split(' ');
      if (word === 'ok') resolve(rest.join(' '));
      else reject(new Error(`control "${line}": ${answer.trim()}`));
    });
    socket.on('error', reject);
    socket.on('end', () => reject(new Error(`control "${line}": closed without an answer`)));
  });
}
