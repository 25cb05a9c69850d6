package dev.layercache.load.suite;

import dev.layercache.load.Bench;
import dev.layercache.load.fleet.Day;
import dev.layercache.load.fleet.Fleet;
import dev.layercache.load.fleet.Site;
import dev.layercache.load.net.Relay;
import dev.layercache.load.net.Wire;
import dev.layercache.load.server.Server;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The servers and wires of one {@link FleetVariant}. Closing it stops them all. */
final class FleetSite implements AutoCloseable {
  /** What our mirror calls the upstream registry. */
  private static final String UPSTREAM = "upstream.example";

  private final Bench bench;
  private final Wire local = Wire.unlimited();
  private final Wire upstream = Wire.of(FleetVariant.UPSTREAM_MBIT * 1e6 / Byte.SIZE);
  private final Deque<Server> servers = new ArrayDeque<>();
  private final Deque<Relay> relays = new ArrayDeque<>();

  private FleetSite(Bench bench) {
    this.bench = bench;
  }

  /** Has the base images of the day upstream, and nothing at the site. */
  static FleetSite start(Bench bench, Day day) throws IOException, InterruptedException {
    var started = new FleetSite(bench);
    try {
      var registry = bench.startDockerRegistry();
      var server = registry.isPresent() ? registry.get() : bench.startLayercache(List.of());
      started.servers.push(server);
      Fleet.prepare(server.http(), day);
      started.relays.push(Relay.start(server.http(), started.upstream));
      return started;
    } catch (IOException | InterruptedException | RuntimeException e) {
      started.close();
      throw e;
    }
  }

  /** What machines see of {@code variant}, whose servers it starts. */
  Site open(FleetVariant variant) throws IOException, InterruptedException {
    var beyond = relays.getLast().address();
    return switch (variant) {
      case NO_CACHE -> new Site(beyond, "", beyond, false);
      case MIRROR -> new Site(relay(bench.startDockerMirror(beyond)), "", beyond, false);
      case LAYERCACHE -> layercache(beyond, false);
      case AGENTS -> layercache(beyond, true);
    };
  }

  private Site layercache(InetSocketAddress beyond, boolean layersStay)
      throws IOException, InterruptedException {
    var address = relay(bench.startMirror(UPSTREAM, beyond));
    return new Site(address, UPSTREAM + "/", address, layersStay);
  }

  private InetSocketAddress relay(Server server) throws IOException {
    servers.push(server);
    relays.push(Relay.start(server.http(), local));
    return relays.getFirst().address();
  }

  /** The server at the site; the upstream registry where there is none. */
  Server server() {
    return servers.getFirst();
  }

  /** Bytes over all wires so far. */
  long bytes() {
    return local.bytes() + upstream.bytes();
  }

  long upstreamBytes() {
    return upstream.bytes();
  }

  @Override
  public void close() throws IOException {
    for (var relay : relays) {
      relay.close();
    }
    servers.forEach(bench::stop);
  }
}
