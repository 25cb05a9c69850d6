package dev.layercache.client.image;

import java.util.ArrayDeque;
import java.util.Optional;

/** Names of entries in a tar, as one reader must see them: relative, without {@code .} parts. */
final class TarNames {
  /** Most characters of a name (Linux, PATH_MAX). */
  private static final int MAX_NAME = 4096;

  private TarNames() {}

  /** The name of an entry; empty when it is absolute, too long or has a {@code ..} part. */
  static Optional<String> entry(String name) {
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        return Optional.empty();
      }
    }
    return resolve("", name);
  }

  /**
   * What {@code target} means in {@code directory}; empty when it is absolute, too long or leads
   * out of the tar.
   */
  static Optional<String> resolve(String directory, String target) {
    String name = directory + '/' + target;
    if (target.startsWith("/") || name.length() > MAX_NAME || name.indexOf('\0') >= 0) {
      return Optional.empty();
    }
    var parts = new ArrayDeque<String>();
    for (String part : name.split("/")) {
      if (part.equals("..")) {
        if (parts.pollLast() == null) {
          return Optional.empty();
        }
      } else if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return Optional.of(String.join("/", parts));
  }
}
