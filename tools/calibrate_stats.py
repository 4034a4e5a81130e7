# SPDX-License-Identifier: ISC
"""Arithmetic of tools/calibrate: from measured seconds to the five numbers of a profile.

A spread of a profile is a quantile function of four straight lines between its knots at 0,
10, 50, 90 and 100 %. What is measured alone is fitted with exactly that function, over all
samples: it knows the ends better than the two outermost samples do. What is only seen in a sum
(the instances of a Pull, the wake before the first reply) is divided by mean and variance,
which add up; its shape is then taken to be that of the operations that were seen alone.
"""
import math

KNOTS = (0.0, 0.1, 0.5, 0.9, 1.0)
FIT_LEAST = 40    # samples; of fewer only mean and variance are believed
# A sample that is so many times further from the next one than that is from the median is not
# the device's doing, if it is the only one or one in fifty: more of them are its own way.
OUTLIER, OUTLIER_OF_FEW, OUTLIER_SHARE = 1.5, 4, 0.02
EXPECTED_SURE = 0.7   # relative deviation of a variance that is only expected
# Shape of what nothing is known of: bell-shaped, cut off.
BELL = (-2.3, -1.28, 0.0, 1.28, 2.3)


def solve(matrix, right):
    """Linear equations, by elimination with pivots; ArithmeticError if they have no answer."""
    size = len(right)
    rows = [list(row) + [value] for row, value in zip(matrix, right)]
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(rows[row][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        if abs(rows[i][i]) < 1e-300:
            raise ArithmeticError("equations without an answer")
        for j in range(size):
            if j != i:
                factor = rows[j][i] / rows[i][i]
                rows[j] = [a - factor * b for a, b in zip(rows[j], rows[i])]
    return [rows[i][size] / rows[i][i] for i in range(size)]


def segment(u):
    """Which line the quantile u lies on, and how far along it."""
    line = 0
    while line < 3 and u > KNOTS[line + 1]:
        line += 1
    return line, (u - KNOTS[line]) / (KNOTS[line + 1] - KNOTS[line])


def fit_knots(ordered, slopes):
    """Least squares; sample k of n stands for quantile k / (n + 1), and is as uncertain as an
    order statistic is on a line of that slope."""
    size = len(KNOTS)
    matrix = [[0.0] * size for _ in range(size)]
    right = [0.0] * size
    for k, value in enumerate(ordered):
        u = (k + 1) / (len(ordered) + 1)
        line, part = segment(u)
        weight = 1 / (u * (1 - u) * slopes[line] ** 2)
        for i, a in ((line, 1 - part), (line + 1, part)):
            right[i] += weight * a * value
            for j, b in ((line, 1 - part), (line + 1, part)):
                matrix[i][j] += weight * a * b
    return solve(matrix, right)


def non_falling(knots):
    result = []
    for value in knots:
        result.append(max([0.0, value] + result[-1:]))
    return result


def median(samples):
    ordered = sorted(samples)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def without_outliers(samples):
    """Sorted, less those that stand far off."""
    kept = sorted(samples)
    middle = median(kept)
    reach = OUTLIER if len(kept) >= FIT_LEAST else OUTLIER_OF_FEW
    for _ in range(max(1, int(OUTLIER_SHARE * len(samples)))):
        if len(kept) < 3:
            break
        if kept[-1] - kept[-2] > reach * (kept[-2] - middle):
            kept = kept[:-1]
        elif kept[1] - kept[0] > reach * (middle - kept[1]):
            kept = kept[1:]
    return kept


def count_text(samples):
    far = len(samples) - len(without_outliers(samples))
    return "%d samples" % len(samples) + (", %d far off left out" % far if far else "")


def fit(samples):
    """The spread of samples that were measured alone; at least FIT_LEAST of them."""
    ordered = without_outliers(samples)
    if ordered[0] == ordered[-1]:
        return [ordered[0]] * len(KNOTS)
    floor = (ordered[-1] - ordered[0]) * 1e-3
    knots = fit_knots(ordered, [1.0] * 4)
    for _ in range(2):
        slopes = [max((knots[i + 1] - knots[i]) / (KNOTS[i + 1] - KNOTS[i]), floor)
                  for i in range(4)]
        knots = fit_knots(ordered, slopes)
    return non_falling(knots)


def moments(samples):
    """Mean and variance, without outliers."""
    kept = without_outliers(samples)
    mean = sum(kept) / len(kept)
    return mean, sum((each - mean) ** 2 for each in kept) / max(len(kept) - 1, 1)


def spread_moments(knots):
    """Mean and variance of what is drawn from a spread."""
    mean = square = 0.0
    for i in range(4):
        share, a, b = KNOTS[i + 1] - KNOTS[i], knots[i], knots[i + 1]
        mean += share * (a + b) / 2
        square += share * (a * a + a * b + b * b) / 3
    return mean, max(square - mean * mean, 0.0)


def common_shape(spreads):
    """The mean of several spreads, each moved to mean 0 and stretched to variance 1."""
    shapes = []
    for knots in list(spreads) or [BELL]:
        mean, variance = spread_moments(knots)
        if variance > 1e-18:
            shapes.append([(each - mean) / math.sqrt(variance) for each in knots])
    if not shapes:
        return [0.0] * len(KNOTS)
    return [sum(column) / len(shapes) for column in zip(*shapes)]


def from_moments(mean, variance, shape):
    return non_falling([mean + math.sqrt(max(variance, 0.0)) * each for each in shape])


def line_through(points):
    """a and b of y = a + b * x, by weighted least squares over (x, y, weight)."""
    total = sum(w for _, _, w in points)
    mean_x = sum(w * x for x, _, w in points) / total
    mean_y = sum(w * y for _, y, w in points) / total
    width = sum(w * (x - mean_x) ** 2 for x, _, w in points)
    if width <= 0:
        raise ArithmeticError("all at one place")
    slope = sum(w * (x - mean_x) * (y - mean_y) for x, y, w in points) / width
    return mean_y - slope * mean_x, slope


def line_weight(points):
    """How sure the slope of line_through is: 1 / its variance."""
    total = sum(w for _, _, w in points)
    mean_x = sum(w * x for x, _, w in points) / total
    return sum(w * (x - mean_x) ** 2 for x, _, w in points)


def relative_variance(spreads):
    """The mean of variance / mean squared of several spreads."""
    found = [variance / mean ** 2 for mean, variance in map(spread_moments, spreads) if mean > 0]
    return sum(found) / len(found) if found else 0.0


def split_pull(by_items, relative):
    """From {number of instances: seconds of Pulls that brought so many} the mean and variance of
    a Pull without instances and of one instance: ((mean, variance), (mean, variance)).
    The variance of one instance is hard to see below that of the Pull. So an expectation goes
    in beside what is seen, each weighed by how sure it is: that it is as wide, for its length,
    as other operations, whose variance is `relative` to the square of their mean.
    ArithmeticError if all Pulls brought equally many."""
    means, variances = [], []
    for items, samples in by_items.items():
        if len(samples) >= 3:
            mean, variance = moments(samples)
            variance = max(variance, 1e-14)
            means.append((items, mean, len(samples) / variance))
            variances.append((items, variance, len(samples) / (2 * variance ** 2)))
    if not means:
        raise ArithmeticError("too few Pulls")
    base, each = line_through(means)
    base, each = max(base, 0.0), max(each, 0.0)
    seen, seen_weight = line_through(variances)[1], line_weight(variances)
    expected = relative * each ** 2
    expected_weight = 1 / max(EXPECTED_SURE * expected, 1e-14) ** 2
    each_variance = max((seen * seen_weight + expected * expected_weight) /
                        (seen_weight + expected_weight), 0.0)
    total = sum(w for _, _, w in variances)
    base_variance = sum(w * (v - x * each_variance) for x, v, w in variances) / total
    return (base, max(base_variance, 0.0)), (each, each_variance)


def few(mean, variance, count, relative, shape):
    """The spread of `count` samples that are too few to fit. Their variance is believed as far
    as it is sure, else the one to be expected, as in split_pull."""
    expected = relative * mean ** 2
    sure, sure_expected = max(count - 1, 0) / 2, 1 / EXPECTED_SURE ** 2
    believed = (max(variance, 0.0) * sure + expected * sure_expected) / (sure + sure_expected)
    return from_moments(mean, believed, shape)


def difference(sums, parts, relative, shape):
    """The spread of what comes on top of `parts` in `sums`."""
    mean, variance = moments(sums)
    part_mean, part_variance = moments(parts)
    return few(mean - part_mean, variance - part_variance, len(sums), relative, shape)


# --- the text ------------------------------------------------------------------------------
TEXT_CAP = 4095   # bytes that a device takes
NAME_CAP = 31


def milliseconds(seconds):
    """Four digits, and none below a microsecond."""
    value = seconds * 1000
    digits = 1 if value >= 100 else 2 if value >= 10 else 3
    text = "%.*f" % (digits, value)
    return text.rstrip("0").rstrip(".")


def spread_text(knots):
    words = [milliseconds(each) for each in knots]
    return " ".join(words if len(set(words)) > 1 else words[:1]) + " ms"


def is_name(text):
    return 0 < len(text) <= NAME_CAP and all(
        c.isascii() and (c.isalnum() or c in "-.") for c in text)


def profile_text(name, seed, head, settings):
    """`head`: lines of comment; `settings`: (key, value, comment or "") or ("", "", comment) in
    the order of the text. If all of it is too long, comments are left out from the end."""
    def line(key, value, comment):
        if not key:
            return "# " + comment
        return "%s = %s%s" % (key, value, "   # " + comment if comment else "")

    lines = ["# " + each for each in head]
    lines += ["profile = " + name, "calibrated = yes", "seed = %d" % seed]
    lines += [line(*each) for each in settings]
    for i in range(len(lines) - 1, -1, -1):
        if len("\n".join(lines)) < TEXT_CAP:
            break
        lines[i] = "" if lines[i].startswith("#") else lines[i].split("   #")[0]
    return "\n".join(each for each in lines if each) + "\n"
