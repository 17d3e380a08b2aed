package present

import "taskbridge/bot/chat"

// WebhookStopped tells the desk that an endpoint is sent nothing any more.
func (p *Presenter) WebhookStopped(name string, why chat.Reason) chat.Message {
	m := chat.Message{Tone: chat.Bad}
	retry := with{"Name": bold(name), "Command": code("taskbridge deliveries retry --lane " + name)}
	if why == chat.EndpointGone {
		m.Text = p.text("The webhook {{.Name}} answers that it is gone (410). Its events are kept for 30 days. Take it out of the configuration, or mend it and run {{.Command}}.", retry)
		return m
	}
	m.Text = p.text("The webhook {{.Name}} has taken nothing for three days. Its events are kept for 30 days and sent when it answers again. {{.Command}} tries at once.", retry)
	return m
}
