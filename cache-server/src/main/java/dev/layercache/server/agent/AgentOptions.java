package dev.layercache.server.agent;

import java.time.Duration;

/**
 * What makes a server an agent.
 *
 * @param parent {@code HOST:PORT} of the parent's gRPC door
 * @param tagTimeToLive how long what a tag points to is taken for granted before the parent is
 *     asked again
 */
public record AgentOptions(String parent, Duration tagTimeToLive) {
  /** Builds that start together ask once; a tag that was moved is seen soon. */
  public static final Duration TAG_TIME_TO_LIVE = Duration.ofSeconds(10);
}
