// Kinesis on loopback: `node serve.js PORT`, with the folder of node_modules in NODE_PATH.
const kinesalite = require('kinesalite');

kinesalite({ createStreamMs: 0, deleteStreamMs: 0 }).listen(Number(process.argv[2]), '127.0.0.1');
