package dev.layercache.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** What somebody may have meant who mistyped a name. */
final class Similar {
  /** Most letters that may be wrong, missing, too many or swapped with the next. */
  private static final int MAX_DISTANCE = 2;

  private static final int MAX_LENGTH = 64;

  private Similar() {}

  /** The name closest to {@code word}; empty when none is close. */
  static Optional<String> to(String word, Collection<String> names) {
    return word.length() > MAX_LENGTH
        ? Optional.empty()
        : names.stream()
            .filter(name -> distance(word, name) <= MAX_DISTANCE)
            .min(Comparator.comparingInt(name -> distance(word, name)));
  }

  /** Optimal string alignment: edits and swaps of neighbours that turn one into the other. */
  private static int distance(String a, String b) {
    var cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        cost[i][j] =
            Math.min(cost[i - 1][j - 1] + change, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
