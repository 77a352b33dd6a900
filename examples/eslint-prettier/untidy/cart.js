const items = [ "tea", "cup" ]

export function total (prices)
{
  return items.reduce((sum, item) => sum+prices[item], 0);
}
