package dev.layercache.server.retention;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/**
 * What is kept in the repositories that a pattern names.
 *
 * @param repositories glob: {@code *} stands for anything within a path component, {@code **} for
 *     anything
 * @param keep what keeps an image while room is needed
 * @param keepLast keeps the tags that were pushed last, this many, and no others
 * @param maxAge a tag that was pushed longer ago keeps nothing, and an image that has only such
 *     tags goes even when no room is needed
 * @param maxIdle an image that was not used for longer goes even when no room is needed
 * @param immutableTags glob of tags that cannot be moved or removed once pushed
 */
public record RepositoryRule(
    String repositories,
    Keep keep,
    OptionalInt keepLast,
    Optional<Duration> maxAge,
    Optional<Duration> maxIdle,
    Optional<String> immutableTags) {

  /** What keeps an image. */
  public enum Keep {
    /** Nothing: the image that was unused for longest goes first. */
    EVICTABLE("evictable"),
    /** A tag. */
    WHILE_TAGGED("keepWhileTagged");

    private final String configName;

    Keep(String configName) {
      this.configName = configName;
    }

    /** As it is written in the configuration. */
    public String configName() {
      return configName;
    }
  }

  /** Holds where no other rule does. */
  public static final RepositoryRule DEFAULT = of("**", Keep.WHILE_TAGGED);

  /** A rule that says nothing but what keeps an image. */
  public static RepositoryRule of(String repositories, Keep keep) {
    return new RepositoryRule(
        repositories,
        keep,
        OptionalInt.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  boolean covers(String repository) {
    return glob(repositories).matcher(repository).matches();
  }

  boolean isImmutable(String tag) {
    return immutableTags.isPresent() && glob(immutableTags.get()).matcher(tag).matches();
  }

  private static Pattern glob(String glob) {
    var regex = new StringBuilder();
    for (int i = 0; i < glob.length(); i++) {
      char c = glob.charAt(i);
      if (c == '*' && i + 1 < glob.length() && glob.charAt(i + 1) == '*') {
        regex.append(".*");
        i++;
      } else if (c == '*') {
        regex.append("[^/]*");
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString());
  }
}
