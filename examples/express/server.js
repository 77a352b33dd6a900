// Starts the three services and the app. `PORT` chooses the port, by default any free one.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createApp } from './app.js';

// The services are a process of their own: a blocked Express process could not answer its own requests.
const upstreams = fork(new URL('./upstreams.js', import.meta.url));
const [urls] = await once(upstreams, 'message');

const server = createApp(urls).listen(Number(process.env.PORT ?? 0), '127.0.0.1', (error) => {
  if (error) throw error;
  const { port } = server.address();
  console.log(`http://127.0.0.1:${port}/dashboard/7`);
  process.send?.({ port });
});

process.once('disconnect', () => process.exit());
