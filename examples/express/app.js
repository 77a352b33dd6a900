import express from 'express';
import { coroutines, createTask, gather, run, TimeoutError } from 'palitra';

const shop = coroutines('./shop-client.js', import.meta);

export function createApp(upstreamUrls) {
  run(shop.configure(upstreamUrls));
  const app = express();

  // A synchronous handler: no `async`, no `await`, no callback. The three requests are in flight together.
  app.get('/dashboard/:user', (request, response) => {
    const { user } = request.params;
    try {
      const [profile, orders, recommendations] = gather(
        [shop.fetchProfile(user), shop.fetchOrders(user), shop.fetchRecommendations(user)],
        { timeout: 1_000 },
      );
      response.json({ profile, orders, recommendations });
    } catch (error) {
      sendFailure(response, error);
    }
  });

  // The same calls, on the same connections, without blocking: a task is awaited like a promise.
  app.get('/dashboard-async/:user', async (request, response) => {
    const { user } = request.params;
    try {
      const [profile, orders, recommendations] = await Promise.all([
        createTask(shop.fetchProfile(user), { timeout: 1_000 }),
        createTask(shop.fetchOrders(user), { timeout: 1_000 }),
        createTask(shop.fetchRecommendations(user), { timeout: 1_000 }),
      ]);
      response.json({ profile, orders, recommendations });
    } catch (error) {
      sendFailure(response, error);
    }
  });

  return app;
}

function sendFailure(response, error) {
  if (error.name === 'UpstreamError')
    response.status(502).json({ error: error.message, service: error.service });
  else if (error instanceof TimeoutError)
    response.status(504).json({ error: 'an upstream service took too long' });
  else throw error;
}
