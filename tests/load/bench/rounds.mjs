// Ours and the peer's in turn, so that both meet the machine as it is; medians of the rounds.
export const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

export async function alternate(rounds, ours, peers) {
  const values = [];
  const others = [];
  for (let i = 0; i < rounds; i++) {
    values.push(await ours());
    others.push(await peers());
  }
  return { value: median(values), peer_value: median(others), ratio: median(values.map((v, i) => v / others[i])) };
}
