package dev.layercache.load.net;

import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Two hosts beside this one, each a network namespace: a site, over a link as fast as the kernel
 * is, and behind it an upstream, which sends at a bounded rate (tc-tbf(8)). This host reaches the
 * upstream through the site. Needs root and iproute2; closing removes everything.
 */
public final class ShapedNetwork implements Closeable {
  private static final int SECONDS = 20;
  private static final String NEAR = "10.217.1.";
  private static final String FAR = "10.217.2.";
  private static final String FAR_NET = FAR + "0/30";

  private final String id = "lc" + ProcessHandle.current().pid();
  private final String site = id + "-site";
  private final String upstream = id + "-up";

  private ShapedNetwork() {}

  /** Why there cannot be one on this machine; empty when there can. */
  public static Optional<String> obstacle() {
    if (!"root".equals(System.getProperty("user.name"))) {
      return Optional.of("it needs root, for network namespaces");
    }
    return Stream.of("ip", "tc")
        .filter(program -> !isInstalled(program))
        .findFirst()
        .map(program -> program + " is not on PATH (Debian: apt-get install iproute2)");
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(path -> Files.isExecutable(Path.of(path, program)));
  }

  /**
   * @param megabits a second, that the upstream sends at most
   */
  public static ShapedNetwork create(int megabits) throws IOException, InterruptedException {
    var network = new ShapedNetwork();
    try {
      network.connect(megabits);
      return network;
    } catch (IOException | InterruptedException | RuntimeException e) {
      network.close();
      throw e;
    }
  }

  private void connect(int megabits) throws IOException, InterruptedException {
    for (var name : List.of(site, upstream)) {
      run("ip", "netns", "add", name);
      run("ip", "-n", name, "link", "set", "lo", "up");
    }
    run("ip", "link", "add", id + "a", "type", "veth", "peer", "name", "near", "netns", site);
    run(
        "ip", "-n", site, "link", "add", "far", "type", "veth", "peer", "name", "uplink", "netns",
        upstream);
    address(List.of("ip"), id + "a", NEAR + "1");
    address(List.of("ip", "-n", site), "near", NEAR + "2");
    address(List.of("ip", "-n", site), "far", FAR + "1");
    address(List.of("ip", "-n", upstream), "uplink", FAR + "2");
    run("ip", "route", "add", FAR_NET, "via", NEAR + "2");
    run("ip", "-n", upstream, "route", "add", "default", "via", FAR + "1");
    run("ip", "netns", "exec", site, "sysctl", "-q", "-w", "net.ipv4.ip_forward=1");
    run(
        "tc",
        "-n",
        upstream,
        "qdisc",
        "add",
        "dev",
        "uplink",
        "root",
        "tbf",
        "rate",
        megabits + "mbit",
        "burst",
        "256kb",
        "latency",
        "50ms");
  }

  private static void address(List<String> ip, String device, String address)
      throws IOException, InterruptedException {
    run(ip, "addr", "add", address + "/30", "dev", device);
    run(ip, "link", "set", "dev", device, "up");
  }

  /** Near: where a mirror is. */
  public Host site() {
    return host(site, NEAR + "2");
  }

  /** Far: where the registry is. */
  public Host upstream() {
    return host(upstream, FAR + "2");
  }

  private static Host host(String namespace, String address) {
    return new Host(address, List.of("ip", "netns", "exec", namespace));
  }

  /** Bytes that the upstream has sent so far, headers of the network included. */
  public long bytesFromUpstream() throws IOException, InterruptedException {
    return Long.parseLong(
        run("ip", "netns", "exec", upstream, "cat", "/sys/class/net/uplink/statistics/tx_bytes"));
  }

  private static String run(List<String> program, String... arguments)
      throws IOException, InterruptedException {
    var command = new ArrayList<>(program);
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  private static String run(String... command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException("%s failed: %s".formatted(String.join(" ", command), said));
      }
      return said.strip();
    } finally {
      process.destroyForcibly();
    }
  }

  /** With a namespace go its devices, their other ends and the routes over them. */
  @Override
  public void close() throws IOException {
    try {
      for (var name : List.of(site, upstream)) {
        if (Files.exists(Path.of("/run/netns", name))) {
          run("ip", "netns", "del", name);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while network namespaces are removed", e);
    }
  }
}
