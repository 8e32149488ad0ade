#!/usr/bin/env python3
"""Draws what optimizers_bench --summary wrote: one SVG for each of mizan's algorithms, among the others.

usage: plot.py SUMMARY FOLDER
Relative regret over all problems (1 is random search) by the number of results, both on logarithmic scales, with the
95% band of the algorithm whose page it is for. Rows of a family `training` are drawn apart from the others.
"""
import csv
import math
import pathlib
import sys

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 56, 200, 34, 46
OWN, OTHER, PEER = "#1f5fbf", "#8a8f98", "#b4632a"
LABEL_GAP = 14


def read(path):
    """Lists of (budget, mean, low, high) by algorithm: of single problems in a row, and of trainings."""
    curves, trainings = {}, {}
    with open(path, encoding="utf-8", newline="") as file:
        for name, workers, family, *numbers in csv.reader(file):
            if workers != "1":
                continue
            budget, mean, low, high = (float(number) for number in numbers)
            if family == "training":
                trainings.setdefault(name, []).append((budget, mean, low, high))
            elif family == "all" and name not in ("hyperband", "pbt"):
                curves.setdefault(name, []).append((budget, mean, low, high))
    for group in (curves, trainings):
        if group:
            budgets = sorted({row[0] for rows in group.values() for row in rows})
            group["random"] = [(budget, 1.0, 1.0, 1.0) for budget in budgets]
    return curves, trainings


class Axes:
    def __init__(self, curves, own):
        budgets = [row[0] for rows in curves.values() for row in rows]
        values = [row[1] for rows in curves.values() for row in rows] + [v for row in curves[own] for v in row[2:]]
        self.budgets = sorted(set(budgets))
        self.low, self.high = 0.9 * min(values), 1.1 * max(values)

    def x(self, budget):
        share = math.log(budget / self.budgets[0]) / math.log(self.budgets[-1] / self.budgets[0])
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    def ticks(self):
        steps = [m * 10.0**e for e in range(-3, 3) for m in (1, 2, 5)]
        return [step for step in steps if self.low <= step <= self.high]


def text(x, y, words, color="#333", anchor="start", weight="normal"):
    return ('<text x="%.1f" y="%.1f" fill="%s" text-anchor="%s" font-weight="%s">%s</text>'
            % (x, y, color, anchor, weight, words))


def path_of(points):
    return "M" + "L".join("%.1f %.1f" % point for point in points)


def spread(ends):
    """Heights of labels, in order, LABEL_GAP apart, none below the picture."""
    heights, limit = [], HEIGHT - 6
    for end in ends:
        heights.append(max(end, heights[-1] + LABEL_GAP) if heights else end)
    for i in reversed(range(len(heights))):
        heights[i] = min(heights[i], limit)
        limit = heights[i] - LABEL_GAP
    return heights


def draw(curves, own, title, across):
    axes = Axes(curves, own)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" '
        'font-family="sans-serif" font-size="12">' % (WIDTH, HEIGHT, WIDTH, HEIGHT),
        '<rect width="100%" height="100%" fill="white"/>', text(LEFT, 20, title)]
    for tick in axes.ticks():
        parts.append('<path d="M%d %.1fH%d" stroke="#ddd"/>' % (LEFT, axes.y(tick), WIDTH - RIGHT))
        parts.append(text(LEFT - 8, axes.y(tick) + 4, "%g" % tick, anchor="end"))
    for budget in axes.budgets:
        parts.append(text(axes.x(budget), HEIGHT - BOTTOM + 18, "%d" % budget, anchor="middle"))
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, across, anchor="middle"))
    band = [(axes.x(b), axes.y(high)) for b, _, _, high in curves[own]]
    band += [(axes.x(b), axes.y(low)) for b, _, low, _ in reversed(curves[own])]
    parts.append('<path d="%sZ" fill="%s" opacity="0.15"/>' % (path_of(band), OWN))
    names = sorted(curves, key=lambda name: axes.y(curves[name][-1][1]))
    heights = spread([axes.y(curves[name][-1][1]) for name in names])
    for name in sorted(names, key=lambda name: name == own):  # its own on top
        rows = curves[name]
        color = OWN if name == own else PEER if name.startswith("optuna") else OTHER
        points = [(axes.x(row[0]), axes.y(row[1])) for row in rows]
        parts.append('<path d="%s" fill="none" stroke="%s" stroke-width="%s"%s/>' % (
            path_of(points), color, 3 if name == own else 1.2, ' stroke-dasharray="5 3"' if color == PEER else ""))
        height = heights[names.index(name)]
        parts.append('<path d="M%.1f %.1fL%.1f %.1f" stroke="%s" stroke-width="0.6" stroke-dasharray="1 3"/>' % (
            points[-1][0], points[-1][1], WIDTH - RIGHT + 12, height, color))
        parts.append(text(WIDTH - RIGHT + 16, height + 4, name, color, weight="bold" if name == own else "normal"))
    return "\n".join(parts + ["</svg>", ""])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    curves, trainings = read(sys.argv[1])
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    title = "regret relative to random search's, mean over problems, 95%"
    for group, across in ((curves, "results"), (trainings, "whole trainings paid for")):
        for own in group:
            if own.startswith("optuna") or (group is trainings and own == "random"):
                continue
            shown = {name: rows for name, rows in group.items() if name != "grid" or own == "grid"}
            (folder / (own + ".svg")).write_text(draw(shown, own, title, across), encoding="utf-8")


if __name__ == "__main__":
    main()
