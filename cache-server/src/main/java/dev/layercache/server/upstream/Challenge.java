package dev.layercache.server.upstream;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a registry wants requests to be authorised: a {@code WWW-Authenticate} header (RFC 9110,
 * 11.6.1; distribution's token specification).
 *
 * @param scheme lower-case: {@code basic} or {@code bearer}
 * @param parameters by lower-case name
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final int MAX_LENGTH = 4 << 10;
  private static final Pattern PARAMETER =
      Pattern.compile("([A-Za-z_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\",\\s]++))");

  Challenge {
    parameters = Map.copyOf(parameters);
  }

  /** The first of these lines that can be met, bearer before basic. */
  static Optional<Challenge> choose(Iterable<String> lines) {
    Optional<Challenge> chosen = Optional.empty();
    for (String line : lines) {
      var challenge = parse(line);
      if (challenge.isPresent()
          && (chosen.isEmpty() || challenge.get().scheme().equals("bearer"))) {
        chosen = challenge;
      }
    }
    return chosen;
  }

  private static Optional<Challenge> parse(String line) {
    String text = line.strip();
    int space = text.indexOf(' ');
    String scheme = (space < 0 ? text : text.substring(0, space)).toLowerCase(Locale.ROOT);
    if (text.length() > MAX_LENGTH || !(scheme.equals("basic") || scheme.equals("bearer"))) {
      return Optional.empty();
    }
    var parameters = new LinkedHashMap<String, String>();
    var match = PARAMETER.matcher(space < 0 ? "" : text.substring(space));
    while (match.find()) {
      String quoted = match.group(2);
      String value = quoted == null ? match.group(3) : quoted.replaceAll("\\\\(.)", "$1");
      parameters.putIfAbsent(match.group(1).toLowerCase(Locale.ROOT), value);
    }
    return Optional.of(new Challenge(scheme, parameters));
  }

  Optional<String> realm() {
    return Optional.ofNullable(parameters.get("realm"));
  }

  Optional<String> service() {
    return Optional.ofNullable(parameters.get("service"));
  }
}
