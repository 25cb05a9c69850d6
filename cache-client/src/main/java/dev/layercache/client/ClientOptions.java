package dev.layercache.client;

import java.time.Duration;

/**
 * How a client reaches a server and how patient it is. Immutable; {@link #server} gives the
 * defaults, the {@code with} methods give changed copies.
 *
 * @param host name or address, without brackets
 * @param port 1 to 65535
 * @param instanceName of the Remote Execution API; empty unless the server is shared by several
 * @param deadline most time that one attempt of a call that is not a stream takes; 30 s
 * @param idleTimeout a stream that moves less than one message of 1 MiB in this time fails; 60 s
 * @param retries how often a call is repeated after the server could not be reached; a stream that
 *     moved at least 1 MiB since it last broke starts counting anew; 5
 * @param firstBackoff pause before the first retry, doubled before each later one; each pause is
 *     shortened by up to half at random, so that clients of a restarted server do not return
 *     together; 100 ms
 * @param maxBackoff longest pause between retries; 5 s
 * @param parallelTransfers blobs that move at the same time, over at most two connections; each
 *     holds up to 4 MiB, each connection up to 8 MiB; 1 to 64, 6
 */
public record ClientOptions(
    String host,
    int port,
    String instanceName,
    Duration deadline,
    Duration idleTimeout,
    int retries,
    Duration firstBackoff,
    Duration maxBackoff,
    int parallelTransfers) {
  private static final int MAX_RETRIES = 100;
  private static final int MAX_PARALLEL = 64;

  /**
   * @throws IllegalArgumentException if a value is outside its range
   */
  public ClientOptions {
    require(!host.isBlank(), "host", "'" + host + "'", "a name or address");
    require(port >= 1 && port <= 65_535, "port", port, "1 to 65535");
    requirePositive("deadline", deadline);
    requirePositive("idleTimeout", idleTimeout);
    require(retries >= 0 && retries <= MAX_RETRIES, "retries", retries, "0 to " + MAX_RETRIES);
    requirePositive("firstBackoff", firstBackoff);
    requirePositive("maxBackoff", maxBackoff);
    require(
        parallelTransfers >= 1 && parallelTransfers <= MAX_PARALLEL,
        "parallelTransfers",
        parallelTransfers,
        "1 to " + MAX_PARALLEL);
  }

  /**
   * The defaults for a server.
   *
   * @param address {@code HOST:PORT}; an IPv6 address stands in brackets
   * @throws IllegalArgumentException if it is not of that form
   */
  public static ClientOptions server(String address) {
    int colon = address.lastIndexOf(':');
    boolean bracketed = address.startsWith("[") && colon > 0 && address.charAt(colon - 1) == ']';
    if (colon <= 0 || (!bracketed && address.indexOf(':') != colon)) {
      throw badAddress(address);
    }
    int port;
    try {
      port = Integer.parseInt(address.substring(colon + 1));
    } catch (NumberFormatException e) {
      throw badAddress(address);
    }
    String host = bracketed ? address.substring(1, colon - 1) : address.substring(0, colon);
    return new ClientOptions(
        host,
        port,
        "",
        Duration.ofSeconds(30),
        Duration.ofSeconds(60),
        5,
        Duration.ofMillis(100),
        Duration.ofSeconds(5),
        6);
  }

  public ClientOptions withInstanceName(String newInstanceName) {
    return new ClientOptions(
        host,
        port,
        newInstanceName,
        deadline,
        idleTimeout,
        retries,
        firstBackoff,
        maxBackoff,
        parallelTransfers);
  }

  public ClientOptions withDeadline(Duration newDeadline) {
    return new ClientOptions(
        host,
        port,
        instanceName,
        newDeadline,
        idleTimeout,
        retries,
        firstBackoff,
        maxBackoff,
        parallelTransfers);
  }

  public ClientOptions withIdleTimeout(Duration newIdleTimeout) {
    return new ClientOptions(
        host,
        port,
        instanceName,
        deadline,
        newIdleTimeout,
        retries,
        firstBackoff,
        maxBackoff,
        parallelTransfers);
  }

  /** With other retries and pauses between them. */
  public ClientOptions withRetries(
      int newRetries, Duration newFirstBackoff, Duration newMaxBackoff) {
    return new ClientOptions(
        host,
        port,
        instanceName,
        deadline,
        idleTimeout,
        newRetries,
        newFirstBackoff,
        newMaxBackoff,
        parallelTransfers);
  }

  public ClientOptions withParallelTransfers(int newParallelTransfers) {
    return new ClientOptions(
        host,
        port,
        instanceName,
        deadline,
        idleTimeout,
        retries,
        firstBackoff,
        maxBackoff,
        newParallelTransfers);
  }

  /** {@code HOST:PORT}, as {@link #server} reads it. */
  public String address() {
    return (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + port;
  }

  private static IllegalArgumentException badAddress(String address) {
    return new IllegalArgumentException(
        "server address: '%s' (expected: HOST:PORT)".formatted(address));
  }

  private static void requirePositive(String name, Duration value) {
    require(!value.isNegative() && !value.isZero(), name, value, "more than 0");
  }

  private static void require(boolean holds, String name, Object value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException("%s: %s (expected: %s)".formatted(name, value, expected));
    }
  }
}
