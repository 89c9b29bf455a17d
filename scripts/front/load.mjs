// Asks for one page again and again over one connection, and prints how long the answers take:
// `node load.mjs URL BUDGET_MS [REQUESTS]`. The time is that of the whole answer, as a client on the same machine sees it.
import { Agent, request } from 'node:http'

const [address, budget, requests] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4] ?? 500)]
const agent = new Agent({ keepAlive: true, maxSockets: 1 })

function once() {
  return new Promise((done, fail) => {
    const started = process.hrtime.bigint()
    request(address, { agent, headers: { accept: 'text/html' } }, (answer) => {
      let size = 0
      answer.on('data', (chunk) => (size += chunk.length))
      answer.on('end', () => {
        if (answer.statusCode !== 200) fail(new Error(`${address} answered ${answer.statusCode}`))
        else done({ time: Number(process.hrtime.bigint() - started) / 1e6, size })
      })
    })
      .on('error', fail)
      .end()
  })
}

// The first answers fill caches that a running site has full.
for (let warm = 0; warm < 50; warm += 1) await once()
const times = []
let size = 0
for (let index = 0; index < requests; index += 1) {
  const answer = await once()
  times.push(answer.time)
  size = answer.size
}
agent.destroy()
times.sort((a, b) => a - b)
const percentile = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))].toFixed(1)
console.log(`    ${requests} answers of ${(size / 1024).toFixed(0)} KB: p50 ${percentile(0.5)} ms, p90 ${percentile(0.9)} ms, p99 ${percentile(0.99)} ms (budget for p50: ${budget} ms)`)
process.exit(Number(percentile(0.5)) <= budget ? 0 : 1)
