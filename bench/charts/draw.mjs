import * as echarts from 'echarts';

const WIDTH = 760;

const themes = {
  light: { ink: '#1f2328', faint: '#d1d9e0', quiet: '#59636e', own: '#0969da', other: '#8c959f' },
  dark: { ink: '#f0f6fc', faint: '#3d444d', quiet: '#9198a1', own: '#4493f8', other: '#6e7681' },
};
const lines = {
  light: ['#0969da', '#1a7f37', '#9a6700', '#8250df'],
  dark: ['#4493f8', '#3fb950', '#d29922', '#ab7df8'],
};

/** An SVG of what `charts.mjs` describes. */
export function draw({ height, title, subtitle, ...chart }, theme) {
  const colours = themes[theme];
  const instance = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  instance.setOption({
    animation: false,
    backgroundColor: 'transparent',
    color: lines[theme],
    textStyle: { fontFamily: 'system-ui, sans-serif', color: colours.ink },
    title: {
      text: title,
      subtext: subtitle,
      left: 8,
      top: 4,
      textStyle: { color: colours.ink, fontSize: 15 },
      subtextStyle: { color: colours.quiet, fontSize: 11 },
    },
    ...(chart.bars === undefined ? plot(chart, colours) : bars(chart, colours)),
  });
  const svg = instance.renderToSVGString();
  instance.dispose();
  // Numbered by a counter of the process, which other charts have used as well.
  return svg.replaceAll(/zr\d+-/g, 'zr-');
}

function axis(colours, more) {
  return {
    axisLabel: { color: colours.quiet },
    axisLine: { lineStyle: { color: colours.faint } },
    splitLine: { lineStyle: { color: colours.faint } },
    nameTextStyle: { color: colours.quiet },
    minorTick: { show: false },
    ...more,
  };
}

function bars({ bars: entries, format }, colours) {
  return {
    grid: { left: 8, right: 70, top: 56, bottom: 8, containLabel: true },
    xAxis: axis(colours, {
      type: 'log',
      min: entries.min,
      axisLabel: { color: colours.quiet, formatter: format },
    }),
    yAxis: axis(colours, {
      type: 'category',
      inverse: true,
      data: entries.map(({ name }) => name),
      axisLabel: { color: colours.ink },
      axisTick: { show: false },
    }),
    series: [
      {
        type: 'bar',
        barWidth: '62%',
        label: {
          show: true,
          position: 'right',
          color: colours.ink,
          formatter: ({ value }) => format(value),
        },
        data: entries.map(({ value, isOwn }) => ({
          value,
          itemStyle: { color: isOwn ? colours.own : colours.other },
        })),
      },
    ],
  };
}

function plot({ series, x, y }, colours) {
  return {
    legend: { top: 46, left: 8, textStyle: { color: colours.ink }, itemWidth: 18 },
    grid: { left: 16, right: 24, top: 92, bottom: 30, containLabel: true },
    xAxis: axis(colours, {
      type: x.type,
      name: x.name,
      nameLocation: 'middle',
      nameGap: 28,
      data: x.labels,
      boundaryGap: false,
    }),
    yAxis: axis(colours, {
      type: y.type,
      name: y.name,
      axisLabel: { color: colours.quiet, formatter: y.format },
    }),
    series: series.map(({ name, points, isFloor }) => ({
      name,
      type: 'line',
      data: points,
      symbolSize: 5,
      lineStyle: { width: 2, type: isFloor ? 'dashed' : 'solid' },
    })),
  };
}
