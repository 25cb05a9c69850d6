package dev.layercache.server.upstream;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which repositories of a registry are mirrored. In a pattern {@code *} stands for any characters
 * but a slash, {@code **} for any at all.
 */
final class RepositoryPatterns {
  private final List<Pattern> patterns;

  /**
   * @param globs none allows every repository
   */
  RepositoryPatterns(List<String> globs) {
    this.patterns = globs.stream().map(RepositoryPatterns::pattern).toList();
  }

  boolean allow(String repository) {
    return patterns.isEmpty()
        || patterns.stream().anyMatch(pattern -> pattern.matcher(repository).matches());
  }

  private static Pattern pattern(String glob) {
    var regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      if (c != '*') {
        regex.append(Pattern.quote(String.valueOf(c)));
      } else if (i + 1 < glob.length() && glob.charAt(i + 1) == '*') {
        regex.append(".*");
        i++;
      } else {
        regex.append("[^/]*");
      }
    }
    return Pattern.compile(regex.toString());
  }
}
