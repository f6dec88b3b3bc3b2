// A private Redis on a Unix socket, one for each server: its channels know no database numbers.
import { spawn } from 'node:child_process';
import net from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd, temporaryFolder } from './place.mjs';

export class Redis {
  static async start() {
    const redis = new Redis();
    redis.socket = join(temporaryFolder(), 'redis.sock');
    redis.url = `unix://${redis.socket}`;
    await redis.resume();
    atEnd(() => redis.stop());
    return redis;
  }

  async resume() {
    this.child = spawn(
      'redis-server',
      ['--port', '0', '--unixsocket', this.socket, '--save', '', '--appendonly', 'no'],
      { stdio: 'ignore', detached: true, cwd: '/' },
    );
    this.child.unref();
    this.ended = new Promise((resolve) => this.child.once('exit', resolve));
    for (let i = 0; i < 200; i++) {
      const answer = await this.command('PING').catch(() => '');
      if (answer.startsWith('+PONG')) return;
      await sleep(10);
    }
    throw new Error('Redis did not start');
  }

  // Sends one command and returns the raw first bytes of its answer.
  command(...words) {
    const text = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('');
    return new Promise((resolve, reject) => {
      const socket = net.connect(this.socket, () => socket.write(`*${words.length}\r\n${text}`));
      socket.once('data', (data) => resolve(data.toString()) ?? socket.destroy());
      socket.once('error', reject);
    });
  }

  async kill() {
    this.child.ref();
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    this.child.ref();
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await this.ended;
  }
}
