// An application of Express that counts with prom-client, as its documents show it.
const express = require('express');
const client = require('prom-client');

client.collectDefaultMetrics();
const times = new client.Histogram({
    name: 'http_request_duration_seconds',
    help: 'Requests',
    labelNames: ['method', 'route', 'code'],
    buckets: [0.1, 0.3, 0.5, 0.7, 1, 3, 5, 7, 10],
});
const app = express();
app.use((request, response, next) => {
    const end = times.startTimer();
    response.on('finish', () => {
        const route = request.route ? request.route.path : request.path;
        end({ method: request.method, route, code: response.statusCode });
    });
    next();
});
app.get('/orders/:number', (request, response) => {
    response.status(request.params.number === '13' ? 500 : 200).json({});
});
app.get('/metrics', async (_, response) => {
    response.set('Content-Type', client.register.contentType);
    response.send(await client.register.metrics());
});
app.listen(Number(process.argv[2]), '127.0.0.1');
