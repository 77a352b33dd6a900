// What the three services know about a user. Pure functions of the id, so that the test can check every answer.

const names = ['Ada', 'Grace', 'Edsger', 'Barbara', 'Donald', 'Frances', 'Niklaus', 'Margaret'];
const goods = ['abacus', 'compass', 'globe', 'lantern', 'sextant', 'telescope', 'typewriter'];

export const services = {
  profiles: (id) => ({ id, name: names[id % names.length], since: 1990 + (id % 30) }),
  orders: (id) =>
    Array.from({ length: 1 + (id % 3) }, (_, n) => ({
      number: id * 10 + n,
      item: goods[(id + n) % goods.length],
    })),
  recommendations: (id) => [goods[(id * 3) % goods.length], goods[(id * 5 + 1) % goods.length]],
};
